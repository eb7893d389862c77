#include "drivers/limit_plan.h"

#include <gtest/gtest.h>

namespace reeve::drivers {
namespace {

TEST(LimitPlanTest, NamesWhatIsSetAndNothingElse) {
    EXPECT_TRUE(limits_of({}).empty());
    const std::vector<os::GroupLimit> found =
        limits_of({.memory_max_bytes = 1024 * 1024, .processes_max = 7});
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(to_text(found[0]), "memory 1 MiB");
    EXPECT_EQ(to_text(found[1]), "processes 7");
}

}  // namespace
}  // namespace reeve::drivers
