#include "cli/log_list.h"

#include <gtest/gtest.h>

#include "api/fake_backend.h"
#include "api/status_json.h"

namespace reeve::cli {
namespace {

TEST(LogListTest, ReadsWhatTheDaemonWrites) {
    const auto logs = parse_log_list(api::logs_json(api::shop_backend(), {}));
    ASSERT_TRUE(logs) << logs.error().message;
    ASSERT_EQ(logs->size(), 3U);
    EXPECT_EQ((*logs)[2].app, "shop");
    EXPECT_EQ((*logs)[2].instance, "worker.1");
    EXPECT_EQ((*logs)[2].path, "/var/log/reeve/shop/worker.1.log");
    for (const char* wrong : {"", "[]", "{}", R"({"logs":7})", R"({"logs":[7]})"})
        EXPECT_FALSE(parse_log_list(wrong)) << wrong;
}

TEST(LogListTest, FindsTheAddressesOfWhatRuns) {
    api::FakeBackend backend = api::shop_backend();
    EXPECT_EQ(parse_addresses(api::status_json(backend, {}, backend.instances)),
              (std::vector<std::string>{"web.1 answers at http://127.0.0.1:20000"}));
    EXPECT_TRUE(parse_addresses("rubbish").empty());
}

TEST(LogListTest, ReadsEvents) {
    status::Transition transition;
    transition.wall = WallTime{1'795'177'044'000'000'000};
    transition.instance = {"shop", "web", 2, ""};
    transition.to = status::State::Running;
    transition.reason = "started";
    api::JsonWriter json;
    api::write_transition(json, transition);
    const auto event = parse_event(json.take());
    ASSERT_TRUE(event);
    EXPECT_EQ(event->time, "2026-11-20T12:17:24.000000Z");
    EXPECT_EQ(event->app, "shop");
    EXPECT_EQ(event->instance, "web.2");
    EXPECT_EQ(event->to, "running");
    EXPECT_EQ(event->reason, "started");
    EXPECT_FALSE(parse_event(R"({"dropped":3})"));
    EXPECT_FALSE(parse_event("["));
}

}  // namespace
}  // namespace reeve::cli
