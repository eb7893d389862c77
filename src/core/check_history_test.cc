#include "core/check_history.h"

#include <gtest/gtest.h>

namespace reeve::core {
namespace {

constexpr spec::CheckTimes kThreeOfFive{3, 5};

TEST(CheckHistoryTest, FiresOnceEnoughOfTheWindowHasFailed) {
    CheckHistory history;
    for (const bool passed : {false, true, false, true}) {
        history.add({passed, "1"}, kThreeOfFive);
        EXPECT_FALSE(history.fires(kThreeOfFive));
    }
    history.add({false, "1"}, kThreeOfFive);
    EXPECT_TRUE(history.fires(kThreeOfFive));
}

TEST(CheckHistoryTest, TheWindowNeedNotBeFull) {
    CheckHistory history;
    for (int i = 0; i < 3; ++i)
        history.add({false, "x"}, kThreeOfFive);
    EXPECT_TRUE(history.fires(kThreeOfFive));
}

TEST(CheckHistoryTest, FailuresThatLeftTheWindowDoNotCount) {
    CheckHistory history;
    for (const bool passed : {false, false, true, true, true, true, false}) {
        history.add({passed, ""}, kThreeOfFive);
        EXPECT_FALSE(history.fires(kThreeOfFive));
    }
    EXPECT_EQ(history.samples().size(), 5U);
}

TEST(CheckHistoryTest, SaysItsSamplesOnOneBoundedLine) {
    CheckHistory history;
    history.add({true, "9MB"}, {2, 3});
    history.add({false, "71\nMB"}, {2, 3});
    EXPECT_EQ(history.text(), "9MB, 71 MB*");
    history.add({false, std::string(kSampleTextMax - 1, 'x') + "é"}, {2, 3});
    EXPECT_EQ(history.samples().back().text, std::string(kSampleTextMax - 1, 'x') + "…");
}

TEST(CheckHistoryTest, IsReadAsItWasWritten) {
    CheckHistory history;
    history.add({true, "a"}, {2, 3});
    history.add({false, "b"}, {2, 3});
    ByteWriter writer;
    history.write(writer);
    ByteReader reader(writer.bytes());
    const CheckHistory read = CheckHistory::read(reader);
    EXPECT_TRUE(reader.finished());
    EXPECT_EQ(read.samples(), history.samples());
}

}  // namespace
}  // namespace reeve::core
