#include "formats/upstart/scanner.h"

#include <gtest/gtest.h>

namespace reeve::formats::upstart {
namespace {

// The first word of a text, or `!MESSAGE@OFFSET`.
std::string first_word(std::string_view text, Quoting quoting = Quoting::Removed,
                       std::string_view delimiters = kArgumentEnd) {
    Scanner scanner(text);
    const Result<std::string> word = scanner.word(delimiters, quoting);
    if (word) return *word;
    return "!" + word.error().message + "@" + std::to_string(scanner.mistake_offset());
}

std::string block_of(std::string_view text) {
    Scanner scanner(text);
    const Result<std::string> block = scanner.block();
    return block ? *block : "!" + block.error().message;
}

TEST(ScannerTest, AWordEndsAtBlanksCommentsAndLineEnds) {
    for (const char* text : {"foo", "foo bar", "foo\tbar", "foo#bar", "foo\nbar", "foo\r\nbar"})
        EXPECT_EQ(first_word(text), "foo") << text;
}

TEST(ScannerTest, QuotesMayBeginAnywhereAndHoldEverything) {
    EXPECT_EQ(first_word(R"(un"quo"ted)"), "unquoted");
    EXPECT_EQ(first_word(R"("a # b" c)"), "a # b");
    EXPECT_EQ(first_word(R"("it's")"), "it's");
    EXPECT_EQ(first_word(R"('say "no"')"), "say \"no\"");
    EXPECT_EQ(first_word(R"("two  blanks ")"), "two  blanks ");
    EXPECT_EQ(first_word(R"("exec" foo)", Quoting::Raw), "\"exec\"");
}

TEST(ScannerTest, OnlyABackslashAndBlanksAreEscaped) {
    EXPECT_EQ(first_word(R"(a\ b c)"), "a b");
    EXPECT_EQ(first_word(R"(a\\b)"), R"(a\b)");
    EXPECT_EQ(first_word(R"(a\nb)"), R"(a\nb)");
    EXPECT_EQ(first_word(R"("a\"b" c)"), R"(a\"b)");
    EXPECT_EQ(first_word(R"(a\#b c)"), R"(a\#b)");
    EXPECT_EQ(first_word(R"(a\ b c)", Quoting::Raw), R"(a\ b)");
}

TEST(ScannerTest, AContinuedLineIsOneSpace) {
    EXPECT_EQ(first_word("echo a  \\\n   b \"c d\"\n", Quoting::Raw, kCommandEnd),
              "echo a b \"c d\"");
    EXPECT_EQ(first_word("\"a\\\n  b\""), "a b");
    EXPECT_EQ(first_word("\"a  \n  b\""), "a b");
}

TEST(ScannerTest, ACommandKeepsItsQuotesAndInnerBlanks) {
    EXPECT_EQ(first_word("echo  \"a b\"   # no\n", Quoting::Raw, kCommandEnd), "echo  \"a b\"");
    EXPECT_EQ(first_word("echo foo#bar", Quoting::Raw, kCommandEnd), "echo foo");
}

TEST(ScannerTest, RefusesWhatDoesNotEnd) {
    EXPECT_EQ(first_word(""), "!Expected token@0");
    EXPECT_EQ(first_word("\"\" x"), "!Expected token@0");
    EXPECT_EQ(first_word("foo\\"), "!Trailing slash in file@4");
    EXPECT_EQ(first_word("\"foo\nbar"), "!Unterminated quoted string@8");
}

TEST(ScannerTest, ABlockLosesItsCommonIndentation) {
    EXPECT_EQ(block_of("    a\n      b\n    end script\n"), "a\n  b\n");
    EXPECT_EQ(block_of("\ta\n  b\nend script"), "\ta\n  b\n");
    EXPECT_EQ(block_of("  a\n\n  b\nend script\n"), "  a\n\n  b\n");
    EXPECT_EQ(block_of("end script\n"), "");
}

TEST(ScannerTest, ABlockEndsAtItsLastLineOnly) {
    EXPECT_EQ(block_of("a\n\t end \t script  # yes\n"), "a\n");
    for (const char* line : {"end scriptx", "endscript", "xend script", "end script foo"}) {
        const std::string text = std::string(line) + "\nend script\n";
        EXPECT_EQ(block_of(text), std::string(line) + "\n");
    }
    EXPECT_EQ(block_of("a\n"), "!Unterminated block");
}

}  // namespace
}  // namespace reeve::formats::upstart
