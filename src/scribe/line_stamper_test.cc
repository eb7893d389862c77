#include "scribe/line_stamper.h"

#include <gtest/gtest.h>
#include <string>

#include "base/random.h"

namespace reeve::scribe {
namespace {

/// What the lines of `text` look like in the file, written in the plainest way.
std::string expected(const std::string& text, const std::string& stamp) {
    std::string out;
    std::size_t line_bytes = 0;
    for (const char c : text) {
        if (line_bytes == kLineBytesMax) {
            out += '\n';
            line_bytes = 0;
            if (c == '\n') continue;
        }
        if (line_bytes == 0) out += stamp;
        out += c;
        line_bytes = c == '\n' ? 0 : line_bytes + 1;
    }
    return out;
}

/// The same through the stamper, in pieces of up to `piece_max` bytes and a buffer of `capacity`.
std::string stamped(const std::string& text, const std::string& stamp, std::size_t piece_max,
                    std::size_t capacity, Random& random) {
    LineStamper stamper;
    OutputBuffer buffer(capacity);
    std::string out;
    std::string_view rest(text);
    while (!rest.empty()) {
        std::string_view piece = rest.substr(0, 1 + random.below(piece_max));
        rest.remove_prefix(piece.size());
        while (!piece.empty()) {
            piece.remove_prefix(stamper.stamp(piece, stamp, buffer));
            out += buffer.content();
            buffer.clear();
        }
    }
    return out;
}

TEST(LineStamperTest, WhatComesOutDoesNotDependOnWhereTheStreamIsCut) {
    Random random(1);
    for (int round = 0; round < 400; ++round) {
        std::string text;
        const std::size_t size = random.below(600);
        const std::uint64_t newline_rate = 1 + random.below(40);
        for (std::size_t i = 0; i < size; ++i) {
            text += random.below(newline_rate) == 0 ? '\n' : static_cast<char>(random.next());
        }
        const std::string stamp = random.below(3) == 0 ? "" : "STAMP ";
        const std::string out =
            stamped(text, stamp, 1 + random.below(80), 7 + random.below(200), random);
        ASSERT_EQ(out, expected(text, stamp)) << "round " << round;
    }
}

TEST(LineStamperTest, SplitsLinesThatAreTooLongWhereverTheStreamIsCut) {
    Random random(2);
    for (const std::size_t extra : {0U, 1U, 2U, 65'536U, 65'537U}) {
        for (const std::string end : {"", "\n", "\nnext\n", "x\n\n"}) {
            const std::string text = "first\n" + std::string(kLineBytesMax - 1 + extra, 'a') + end;
            const std::string want = expected(text, "S ");
            EXPECT_EQ(stamped(text, "S ", 70'000, 128 * 1024, random), want);
            EXPECT_EQ(stamped(text, "S ", 64, 100, random), want);
            EXPECT_EQ(stamped(text, "S ", 1, 5, random), want);
        }
    }
}

TEST(LineStamperTest, ContinuesALineThatAnEarlierScribeBegan) {
    LineStamper stamper;
    stamper.restart_at(1);
    OutputBuffer buffer(100);
    EXPECT_EQ(stamper.stamp("tail\nnew\n", "S ", buffer), 9U);
    EXPECT_EQ(buffer.content(), "tail\nS new\n");
}

TEST(StampTest, ShowsTheSameAsTheSlowWayOverSecondBoundaries) {
    Stamp stamp;
    const std::int64_t second = 1'795'349'844LL * 1'000'000'000;
    for (const std::int64_t nanos :
         {123'456'789LL, 999'999'999LL, 1'000'000'000LL, 86'400'000'000'000LL, 5LL, 0LL}) {
        const WallTime time{second + nanos};
        EXPECT_EQ(stamp.at(time), to_text(time) + " ");
        EXPECT_EQ(stamp.at(time).size(), kStampBytes);
    }
}

}  // namespace
}  // namespace reeve::scribe
