#include "cli/log_tail.h"

#include <gtest/gtest.h>

#include "base/test_directory.h"

namespace reeve::cli {
namespace {

class LogTailTest : public testing::Test {
protected:
    std::string path() const { return directory_.path() + "/web.1.log"; }
    TestDirectory directory_;
};

TEST_F(LogTailTest, GivesTheLastWholeLinesAndWhereToGoOn) {
    directory_.write("web.1.log", "one\ntwo\nthree\nfou");
    const auto tail = read_tail(path(), 2);
    ASSERT_TRUE(tail);
    EXPECT_EQ(tail->lines, (std::vector<std::string>{"two", "three"}));
    EXPECT_EQ(tail->offset, 14U);
    EXPECT_EQ(read_tail(path(), 0)->lines.size(), 0U);
    EXPECT_EQ(read_tail(path(), 0)->offset, 14U);
}

TEST_F(LogTailTest, ReadsBackwardsThroughManyBlocks) {
    std::string text;
    for (int i = 0; i < 30'000; ++i)
        text += "line " + std::to_string(i) + "\n";
    directory_.write("web.1.log", text);
    const auto tail = read_tail(path(), 25'000);
    ASSERT_TRUE(tail);
    ASSERT_EQ(tail->lines.size(), 25'000U);
    EXPECT_EQ(tail->lines.front(), "line 5000");
    EXPECT_EQ(tail->lines.back(), "line 29999");
    EXPECT_EQ(tail->offset, text.size());
}

TEST_F(LogTailTest, LooksAtWhatRotationHasSetAside) {
    directory_.write("web.1.log.1", "one\ntwo\n");
    directory_.write("web.1.log", "three\n");
    EXPECT_EQ(read_tail(path(), 2)->lines, (std::vector<std::string>{"two", "three"}));
    EXPECT_EQ(read_tail(path(), 9)->lines, (std::vector<std::string>{"one", "two", "three"}));
}

TEST_F(LogTailTest, AFileThatIsNotThereHasNoLines) {
    const auto tail = read_tail(path(), 5);
    ASSERT_TRUE(tail);
    EXPECT_TRUE(tail->lines.empty());
    EXPECT_EQ(tail->offset, 0U);
}

TEST(LogLineTest, TellsTheTimeFromTheText) {
    const LogLine line = parse_log_line("2026-11-20T12:17:24.123456Z hello world");
    EXPECT_EQ(line.time, "2026-11-20T12:17:24.123456Z");
    EXPECT_EQ(line.text, "hello world");
    EXPECT_EQ(parse_log_line("2026-11-20T12:17:24.123456Z ").text, "");
    EXPECT_EQ(parse_log_line("plain").time, "");
    EXPECT_EQ(parse_log_line("plain").text, "plain");
    EXPECT_EQ(parse_log_line("").text, "");
}

}  // namespace
}  // namespace reeve::cli
