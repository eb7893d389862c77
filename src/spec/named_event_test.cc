#include "spec/named_event.h"

#include <gtest/gtest.h>

namespace reeve::spec {
namespace {

TEST(NamedEventTest, ReadsVariables) {
    EXPECT_EQ(*parse_variable("KEY=a=b"), (Variable{"KEY", "a=b"}));
    EXPECT_EQ(*parse_variable("KEY="), (Variable{"KEY", ""}));
    EXPECT_EQ(parse_variable("KEY").error().message, "Env must be KEY=VALUE pairs");
    EXPECT_FALSE(parse_variable("=VALUE"));
}

TEST(NamedEventTest, SetsAVariableInItsPlace) {
    Variables variables = {{"A", "1"}, {"B", "2"}};
    set_variable(variables, {"A", "3"});
    set_variable(variables, {"C", "4"});
    EXPECT_EQ(variables, (Variables{{"A", "3"}, {"B", "2"}, {"C", "4"}}));
    EXPECT_EQ(*find_variable(variables, "C"), "4");
    EXPECT_EQ(find_variable(variables, "D"), nullptr);
}

TEST(NamedEventTest, RefusesWhatIsNoEvent) {
    EXPECT_TRUE(validate(NamedEvent{"runlevel", {{"RUNLEVEL", "2"}}}));
    EXPECT_EQ(validate(NamedEvent{"", {}}).error().message, "Name may not be empty string");
    EXPECT_FALSE(validate(NamedEvent{"a", {{"", "x"}}}));
    EXPECT_FALSE(validate(NamedEvent{"a", {{"B=C", "x"}}}));
    EXPECT_FALSE(validate(NamedEvent{"a", {{"B", std::string("x\0y", 3)}}}));
    EXPECT_FALSE(validate(NamedEvent{"a", Variables(kEventVariablesMax + 1, {"B", "x"})}));
    EXPECT_FALSE(validate(NamedEvent{"a", {{"B", std::string(kEventBytesMax, 'x')}}}));
}

}  // namespace
}  // namespace reeve::spec
