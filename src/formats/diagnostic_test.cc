#include "formats/diagnostic.h"

#include <gtest/gtest.h>

namespace reeve::formats {
namespace {

std::string shown(std::string_view text, std::size_t offset) {
    return to_text(SourceText("dir/f", text).error_at(offset, "wrong", "right"), Colour::No);
}

TEST(DiagnosticTest, ShowsTheLineWithACaretBelowTheColumn) {
    EXPECT_EQ(shown("one\ntwo three\n", 8),
              "dir/f:2:5: error: wrong\n"
              "    two three\n"
              "        ^\n"
              "    hint: right\n");
}

TEST(DiagnosticTest, CountsCharactersAndNotBytes) {
    EXPECT_EQ(shown("é é x", 6),
              "dir/f:1:5: error: wrong\n"
              "    é é x\n"
              "        ^\n"
              "    hint: right\n");
}

TEST(DiagnosticTest, KeepsTheCaretInPlaceBehindTabsAndHidesControlCharacters) {
    EXPECT_EQ(shown("\ta\x1b[31m\xc2\x9b x\r\n", 10),
              "dir/f:1:10: error: wrong\n"
              "     a?[31m? x\n"
              "             ^\n"
              "    hint: right\n");
    EXPECT_EQ(shown("\xff\xfe x", 3),
              "dir/f:1:4: error: wrong\n"
              "    ?? x\n"
              "       ^\n"
              "    hint: right\n");
}

TEST(DiagnosticTest, PointsBehindTheEndOfTheText) {
    EXPECT_EQ(shown("ab", 99), "dir/f:1:3: error: wrong\n    ab\n      ^\n    hint: right\n");
    EXPECT_EQ(shown("", 0), "dir/f:1:1: error: wrong\n    \n    ^\n    hint: right\n");
}

TEST(DiagnosticTest, ShowsAWindowOfALongLine) {
    const std::string text = shown(std::string(5000, 'a') + "X" + std::string(5000, 'b'), 5000);
    EXPECT_EQ(text, "dir/f:1:5001: error: wrong\n  … " + std::string(50, 'a') + "X" +
                        std::string(25, 'b') + "…\n" + std::string(54, ' ') + "^\n" +
                        "    hint: right\n");
}

TEST(DiagnosticTest, NamesOnlyTheFileWhereThereIsNoLine) {
    const SourceText source("f", "");
    EXPECT_EQ(to_text(source.error("empty", ""), Colour::No), "f: error: empty\n");
    EXPECT_EQ(to_text(source.error("empty", ""), Colour::Yes), "f: \x1b[31merror\x1b[0m: empty\n");
    EXPECT_EQ(to_text(source.note_at(0, "so", ""), Colour::Yes).substr(0, 20),
              "f:1:1: \x1b[36mnote\x1b[0m");
}

TEST(ReadingTest, IsGoodWithWarningsAndBadWithAnError) {
    const SourceText source("f", "x");
    Reading<int> reading;
    EXPECT_TRUE(reading.ok());
    reading.diagnostics = {source.warning_at(0, "", ""), source.note_at(0, "", "")};
    EXPECT_TRUE(reading.ok());
    reading.diagnostics.push_back(source.error("", ""));
    EXPECT_FALSE(reading.ok());
}

}  // namespace
}  // namespace reeve::formats
