#include "cli/compat/bluepill/history.h"

#include <stdlib.h>
#include <time.h>

#include <gtest/gtest.h>

namespace reeve::cli::compat::bluepill {
namespace {

class BluepillHistoryTest : public testing::Test {
protected:
    void SetUp() override {
        ::setenv("TZ", "UTC", 1);
        ::tzset();
    }
};

std::string change(const std::string& time, const std::string& from, const std::string& to,
                   const std::string& reason, int cause) {
    return R"({"time":")" + time + R"(","app":"demo","service":"web","from":")" + from +
           R"(","to":")" + to + R"(","reason":")" + reason + R"(","cause":{"id":)" +
           std::to_string(cause) + R"(,"kind":"operator","text":"uid 0"}})";
}

TEST_F(BluepillHistoryTest, TheNewestEventIsTheFirst) {
    const auto changes = read_history(
        R"({"transitions":[)" +
        change("2026-11-20T09:05:01.000000Z", "stopped", "starting", "start asked for", 1) + "," +
        change("2026-11-20T09:05:02.000000Z", "starting", "running", "started", 1) + "," +
        change("2026-11-20T14:07:09.000000Z", "running", "stopping", "stop asked for", 2) + "]}");
    ASSERT_TRUE(changes.ok());
    EXPECT_EQ(render_history(*changes),
              "event history:\n"
              "  stop at 11/20/2026 14:07:09 - user initiated\n"
              "  start at 11/20/2026 09:05:01 - user initiated\n");
}

TEST_F(BluepillHistoryTest, WithoutEventsThereIsNoHeading) {
    EXPECT_EQ(render_history({}), "");
    EXPECT_FALSE(read_history("{}").ok());
}

TEST_F(BluepillHistoryTest, LinesThatTellOfNoChangeAreErrors) {
    EXPECT_FALSE(read_event(R"({"dropped": 12})").ok());
    const auto told = read_event(change("2026-11-20T09:05:01.123456Z", "a", "b", "", 1));
    ASSERT_TRUE(told.ok());
    EXPECT_EQ(told->service, "web");
    EXPECT_EQ(local_time(told->time, "%H:%M:%S.%6N"), "09:05:01.123456");
    EXPECT_EQ(local_time("later", "%H"), "later");
}

}  // namespace
}  // namespace reeve::cli::compat::bluepill
