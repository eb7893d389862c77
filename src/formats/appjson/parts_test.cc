#include "formats/appjson/parts.h"

#include <gtest/gtest.h>

namespace reeve::formats::appjson {
namespace {

Reading<AppJson> read(std::string_view text) {
    return parse("app.json", text);
}

TEST(PartsTest, ReadsScripts) {
    const auto reading = read(R"({"scripts": {"build": "make", "postdeploy": "once",
        "dokku": {"predeploy": "a", "postdeploy": "b"}}})");
    ASSERT_TRUE(reading.ok());
    EXPECT_EQ(reading.value.scripts.build, "make");
    EXPECT_EQ(reading.value.scripts.postdeploy, "once");
    EXPECT_EQ(reading.value.scripts.dokku_predeploy, "a");
    EXPECT_EQ(reading.value.scripts.dokku_postdeploy, "b");
}

TEST(PartsTest, ReadsHealthchecks) {
    const auto reading = read(R"({"healthchecks": {"web": [
        {"type": "startup", "name": "up", "path": "/health", "attempts": 4, "timeout": 1, "wait": 2,
         "initialDelay": 3, "content": "ok", "httpHeaders": [{"name": "A", "value": "b"}],
         "onFailure": {"command": ["sh", "-c", "x"]}},
        {"type": "liveness", "uptime": 7, "warn": true},
        {"type": "readiness", "listening": true, "port": 80},
        {"type": "startup", "command": ["true"]},
        {"type": "startup"}]}})");
    ASSERT_TRUE(reading.ok());
    const std::vector<HealthCheck>& checks = reading.value.healthchecks.at("web");
    ASSERT_EQ(checks.size(), 5U);
    EXPECT_EQ(checks[0].attempts, 4U);
    EXPECT_EQ(checks[0].timeout, Duration(1s));
    EXPECT_EQ(checks[0].initial_delay, Duration(3s));
    EXPECT_EQ(checks[0].headers.front().second, "b");
    EXPECT_EQ(checks[0].failure_command.size(), 3U);
    EXPECT_EQ(checks[1].role, CheckRole::Liveness);
    EXPECT_EQ(checks[1].uptime, Duration(7s));
    EXPECT_TRUE(checks[1].warn_only);
    EXPECT_TRUE(checks[2].listening);
    EXPECT_EQ(checks[2].port, 80U);
    EXPECT_EQ(checks[4].path, "/");
    EXPECT_EQ(checks[4].name, "web-5");
}

TEST(PartsTest, RefusesWhatCannotBeMeant) {
    const auto both =
        read(R"({"healthchecks": {"web": [{"type": "startup", "name": "n", "path": "/",
                 "command": ["x"]}]}})");
    ASSERT_FALSE(both.ok());
    EXPECT_EQ(both.diagnostics.front().message,
              "healthcheck name='n' cannot contain both 'command' and 'path' properties");
    EXPECT_FALSE(read(R"({"healthchecks": {"web": [{"type": "start"}]}})").ok());
    EXPECT_FALSE(read(R"({"healthchecks": {"web": {}}})").ok());
    EXPECT_FALSE(read(R"({"scripts": {"build": 1}})").ok());
    EXPECT_FALSE(read(R"({"cron": [{"command": "a"}]})").ok());
    EXPECT_FALSE(read(R"({"cron": [{"schedule": "@daily"}]})").ok());
    EXPECT_FALSE(
        read(R"({"cron": [{"command": "a", "schedule": "b", "concurrency_policy": "x"}]})").ok());
}

TEST(PartsTest, ACheckWithoutATypeIsIgnoredWithAWarning) {
    const auto reading = read(R"({"healthchecks": {"web": [{"name": "n", "path": "/"}]}})");
    ASSERT_TRUE(reading.ok());
    EXPECT_TRUE(reading.value.healthchecks.at("web").empty());
    EXPECT_EQ(reading.diagnostics.front().message, "Missing type field on healthcheck name='n'");
}

TEST(PartsTest, ReadsCron) {
    const auto reading = read(R"({"cron": [{"command": "bin/x", "schedule": "@daily",
        "maintenance": true, "concurrency_policy": "forbid"}]})");
    ASSERT_TRUE(reading.ok());
    ASSERT_EQ(reading.value.cron.size(), 1U);
    EXPECT_EQ(reading.value.cron[0].schedule, "@daily");
    EXPECT_TRUE(reading.value.cron[0].maintenance);
    EXPECT_EQ(reading.value.cron[0].overlap, CronOverlap::Forbid);
}

}  // namespace
}  // namespace reeve::formats::appjson
