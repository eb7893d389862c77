#include "api/plan.h"

#include <gtest/gtest.h>

namespace reeve::api {
namespace {

const std::vector<PlannedStep> kSteps = {{"web", "roll", {"command", "app.environment"}},
                                         {"worker", "keep", {}}};

TEST(PlanTest, IsALineForEachService) {
    EXPECT_EQ(plan_text(kSteps),
              "web     roll     command, app.environment\n"
              "worker  keep\n");
}

TEST(PlanTest, IsAnObjectForPrograms) {
    EXPECT_EQ(plan_json("shop", kSteps),
              "{\"app\":\"shop\",\"steps\":[{\"service\":\"web\",\"change\":\"roll\",\"fields\":["
              "\"command\",\"app.environment\"]},{\"service\":\"worker\",\"change\":\"keep\","
              "\"fields\":[]}]}\n");
}

}  // namespace
}  // namespace reeve::api
