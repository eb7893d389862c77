#include "base/time.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace reeve {
namespace {

TEST(TimeTest, TheEarlierDeadlineCountsAndNeverIsLatest) {
    const Deadline one = TimePoint(1s);
    const Deadline two = TimePoint(2s);
    EXPECT_EQ(earliest(one, two), one);
    EXPECT_EQ(earliest(two, one), one);
    EXPECT_EQ(earliest(std::nullopt, two), two);
    EXPECT_EQ(earliest(one, std::nullopt), one);
    EXPECT_EQ(earliest(std::nullopt, std::nullopt), std::nullopt);
}

TEST(TimeTest, WallTimeIsShownInUtcWithMicroseconds) {
    EXPECT_EQ(to_text(WallTime{0}), "1970-01-01T00:00:00.000000Z");
    EXPECT_EQ(to_text(WallTime{1'795'177'044'123'456'789}), "2026-11-20T12:17:24.123456Z");
    EXPECT_EQ(to_text(WallTime{-1}), "1969-12-31T23:59:59.999999Z");
}

TEST(TimeTest, DurationsAreShownAsPeopleSayThem) {
    EXPECT_EQ(to_text(Duration(350ms)), "350ms");
    EXPECT_EQ(to_text(Duration(12s)), "12s");
    EXPECT_EQ(to_text(Duration(4min + 10s)), "4m10s");
    EXPECT_EQ(to_text(Duration(3h + 5min)), "3h05m");
    EXPECT_EQ(to_text(Duration(52h)), "2d04h");
}

TEST(RandomTest, TheSameSeedGivesTheSameNumbersAndGoesOnWhereItWas) {
    Random a(1);
    Random b(1);
    EXPECT_EQ(a.next(), b.next());
    Random later(a.state());
    EXPECT_EQ(later.next(), b.next());
    for (int i = 0; i < 100; ++i)
        EXPECT_LT(a.below(3), 3U);
}

}  // namespace
}  // namespace reeve
