#include "scribe/loss.h"

#include <gtest/gtest.h>

namespace reeve::scribe {
namespace {

TEST(LossTest, CountsALineLostInPiecesOnce) {
    Loss loss;
    EXPECT_TRUE(loss.empty());
    loss.add("one\ntw");
    EXPECT_EQ(loss.lines(), 2U);
    EXPECT_TRUE(loss.mid_line());
    loss.add("o");
    loss.add("\nthree\n");
    EXPECT_EQ(loss.lines(), 3U);
    EXPECT_EQ(loss.bytes(), 14U);
    EXPECT_FALSE(loss.mid_line());
}

TEST(LossTest, DoesNotCountStampsAndWhatWasWritten) {
    const std::string out = "tail\nS one\nS two\nS th";  // stamps of two bytes
    Loss all;
    all.add_unwritten(out, true, 2, 0);
    EXPECT_EQ(all.lines(), 4U);
    EXPECT_EQ(all.bytes(), 15U);  // "tail\n" "one\n" "two\n" "th"
    EXPECT_TRUE(all.mid_line());
    Loss torn;  // in the middle of "two"
    torn.add_unwritten(out, true, 2, out.find("wo"));
    EXPECT_EQ(torn.lines(), 2U);
    EXPECT_EQ(torn.bytes(), 5U);
    Loss at_a_stamp;
    at_a_stamp.add_unwritten(out, true, 2, out.find("S two") + 1);
    EXPECT_EQ(at_a_stamp.lines(), 2U);
    EXPECT_EQ(at_a_stamp.bytes(), 6U);
    Loss nothing;
    nothing.add_unwritten(out, true, 2, out.size());
    EXPECT_TRUE(nothing.empty());
}

TEST(LossTest, SaysWhatWasLostInWords) {
    Loss loss;
    loss.add("x\n");
    EXPECT_EQ(loss.note("No space left on device"),
              "1 line (2 bytes) was lost: No space left on device");
    loss.add("y\n");
    EXPECT_EQ(loss.note("why"), "2 lines (4 bytes) were lost: why");
}

}  // namespace
}  // namespace reeve::scribe
