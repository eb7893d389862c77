#include "daemon/health_plan.h"

#include <gtest/gtest.h>

namespace reeve::daemon {
namespace {

using formats::appjson::HealthCheck;

spec::Service service_of(const std::string& name) {
    spec::Service service;
    service.name = name;
    return service;
}

TEST(HealthPlanTest, TheDefaultIsTenSecondsAndForWebAPort) {
    spec::Service worker = service_of("worker");
    add_health(worker, ChecksMode::Enabled, {});
    EXPECT_EQ(std::get<spec::ReadyAfter>(worker.readiness).uptime, Duration(10s));
    EXPECT_TRUE(worker.checks.empty());
    EXPECT_EQ(worker.rollout.order, spec::ReplaceOrder::StartFirst);

    spec::Service web = service_of("web");
    add_health(web, ChecksMode::Enabled, {});
    EXPECT_EQ(std::get<spec::ReadyOnPort>(web.readiness).afterwards, spec::NotReady::Fail);
    ASSERT_EQ(web.checks.size(), 1U);
    EXPECT_EQ(std::get<spec::UptimeProbe>(web.checks[0].probe).at_least, Duration(10s));
}

TEST(HealthPlanTest, SkippedAndDisabledAreNotChecked) {
    spec::Service skipped = service_of("web");
    add_health(skipped, ChecksMode::Skipped, {HealthCheck{}});
    EXPECT_TRUE(skipped.checks.empty());
    EXPECT_EQ(skipped.rollout.order, spec::ReplaceOrder::StartFirst);
    spec::Service disabled = service_of("web");
    add_health(disabled, ChecksMode::Disabled, {});
    EXPECT_EQ(disabled.rollout.order, spec::ReplaceOrder::StopFirst);
}

TEST(HealthPlanTest, TakesTheChecksOfAppJson) {
    HealthCheck path;
    path.name = "page";
    path.path = "health";
    path.content = "fine";
    path.attempts = 4;
    path.failure_command = {"notify"};
    HealthCheck alive;
    alive.name = "alive";
    alive.role = formats::appjson::CheckRole::Liveness;
    alive.command = {"true"};
    HealthCheck never;
    never.role = formats::appjson::CheckRole::Readiness;
    never.uptime = 5s;
    spec::Service web = service_of("web");
    add_health(web, ChecksMode::Enabled, {path, alive, never});
    ASSERT_EQ(web.checks.size(), 2U);
    const auto& http = std::get<spec::HttpProbe>(web.checks[0].probe);
    EXPECT_EQ(http.path, "/health");
    EXPECT_EQ(std::get<spec::ReadyOnPort>(web.readiness).timeout, Duration(40s));
    EXPECT_EQ(std::get<spec::BodyContains>(*http.body).text, "fine");
    EXPECT_EQ(web.checks[0].times, (spec::CheckTimes{4, 4}));
    EXPECT_EQ(web.checks[0].steps.size(), 1U);
    EXPECT_EQ(web.checks[1].role, spec::CheckRole::Liveness);
}

TEST(HealthPlanTest, ListsNameTypes) {
    EXPECT_TRUE(names_type("_all_", "web"));
    EXPECT_TRUE(names_type("worker, web", "web"));
    EXPECT_FALSE(names_type("worker", "web"));
    EXPECT_FALSE(names_type("", "web"));
}

}  // namespace
}  // namespace reeve::daemon
