#include "daemon/link_plan.h"

#include <gtest/gtest.h>

namespace reeve::daemon {
namespace {

TEST(LinkPlanTest, AppsAndServicesOfReeveAreNeeds) {
    const LinkPlan plan = plan_links("db cache/redis");
    ASSERT_EQ(plan.needs.size(), 2U);
    EXPECT_EQ(plan.needs[0], (spec::Need{"db", ""}));
    EXPECT_EQ(plan.needs[1], (spec::Need{"cache", "redis"}));
    EXPECT_FALSE(plan.before_start);
}

TEST(LinkPlanTest, WhatIsNotUnderReeveIsLookedForBeforeEachStart) {
    const LinkPlan plan = plan_links("systemd:postgresql tcp:mail.example.org:25");
    EXPECT_TRUE(plan.needs.empty());
    ASSERT_TRUE(plan.before_start);
    EXPECT_EQ(plan.before_start->on_failure, spec::HookFailure::FailStart);
    const std::string script = std::get<spec::ShellCommand>(plan.before_start->command).text;
    EXPECT_NE(script.find("systemctl --no-ask-password start 'postgresql'"), std::string::npos);
    EXPECT_NE(script.find("the linked systemd unit postgresql does not run"), std::string::npos);
    EXPECT_NE(script.find("'/dev/tcp/mail.example.org/25'"), std::string::npos);
    EXPECT_NE(script.find("the linked address mail.example.org:25 accepts no connection"),
              std::string::npos);
}

}  // namespace
}  // namespace reeve::daemon
