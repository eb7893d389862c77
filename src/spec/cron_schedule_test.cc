#include "spec/cron_schedule.h"

#include <gtest/gtest.h>

namespace reeve::spec {
namespace {

bool is_due(const char* schedule, const CalendarMinute& at) {
    const auto parsed = CronSchedule::parse(schedule);
    EXPECT_TRUE(parsed.ok()) << schedule;
    return parsed.ok() && parsed->is_due(at);
}

constexpr CalendarMinute kFridayNoon{0, 12, 27, 11, 5};

TEST(CronScheduleTest, FollowsItsFields) {
    EXPECT_TRUE(is_due("* * * * *", kFridayNoon));
    EXPECT_TRUE(is_due("0 12 * * *", kFridayNoon));
    EXPECT_FALSE(is_due("1 12 * * *", kFridayNoon));
    EXPECT_TRUE(is_due("*/15 8-18 * nov MON-FRI", kFridayNoon));
    EXPECT_FALSE(is_due("*/7 13 * * *", kFridayNoon));
    EXPECT_TRUE(is_due("0,30 10,12 * * *", kFridayNoon));
    EXPECT_TRUE(is_due("0 0/4 * * *", kFridayNoon));
    EXPECT_TRUE(is_due("0 12 * * 7", {0, 12, 29, 11, 0}));
}

TEST(CronScheduleTest, ADayOrAWeekdayIsEnoughWhereBothAreLimited) {
    EXPECT_TRUE(is_due("0 12 1 * 5", kFridayNoon));
    EXPECT_TRUE(is_due("0 12 27 * 1", kFridayNoon));
    EXPECT_FALSE(is_due("0 12 1 * 1", kFridayNoon));
    EXPECT_FALSE(is_due("0 12 1 * *", kFridayNoon));
}

TEST(CronScheduleTest, KnowsNicknames) {
    EXPECT_TRUE(is_due("@hourly", kFridayNoon));
    EXPECT_FALSE(is_due("@daily", kFridayNoon));
    EXPECT_TRUE(is_due("@daily", {0, 0, 1, 1, 3}));
    EXPECT_TRUE(is_due("@weekly", {0, 0, 29, 11, 0}));
}

TEST(CronScheduleTest, RefusesWhatIsNone) {
    for (const char* text : {"", "* * * *", "* * * * * *", "@reboot", "@nonstandard", "60 * * * *",
                             "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "5-1 * * * *",
                             "*/0 * * * *", "a * * * *", "1, * * * *", "-1 * * * *"}) {
        EXPECT_FALSE(CronSchedule::parse(text).ok()) << text;
    }
}

}  // namespace
}  // namespace reeve::spec
