#include "spec/changes.h"

#include <gtest/gtest.h>

namespace reeve::spec {
namespace {

using Names = std::vector<std::string>;

TEST(ChangesTest, NamesTheFieldsOfAServiceThatDiffer) {
    Service before;
    Service after;
    EXPECT_EQ(changed_fields(before, after), Names{});
    after.command = DirectCommand{{"bin/web"}};
    after.stop.steps.clear();
    EXPECT_EQ(changed_fields(before, after), (Names{"command", "stop"}));
}

TEST(ChangesTest, LeavesServicesToThemselves) {
    App before;
    App after;
    after.services.resize(2);
    EXPECT_EQ(changed_fields(before, after), Names{});
    after.environment["A"] = "b";
    EXPECT_EQ(changed_fields(before, after), Names{"environment"});
}

}  // namespace
}  // namespace reeve::spec
