#include "formats/dotenv/dotenv.h"

#include <gtest/gtest.h>
#include <string>

namespace reeve::formats::dotenv {
namespace {

using namespace std::string_literals;

// `NAME=value` of each variable, one to a line; before them each diagnostic.
std::string outcome(const std::string& text) {
    const Reading<std::vector<Variable>> reading = parse(".env", text);
    std::string out;
    for (const Diagnostic& diagnostic : reading.diagnostics)
        out += std::to_string(diagnostic.line) + ":" + std::to_string(diagnostic.column) + " " +
               diagnostic.message + "\n";
    if (!reading.ok()) return out;
    for (const Variable& variable : reading.value)
        out += variable.name + "=" + variable.value + "\n";
    return out;
}

TEST(DotenvTest, NameAndValueAreSeparatedByEqualsOrColon) {
    for (const char* text :
         {"A=b", "A = b", "  A=b  ", "export A=b", "export\tA = b", "A: b", "A=b\r\n",
          "\xEF\xBB\xBF"
          "A=b",
          "# x\n\nA=b"}) {
        EXPECT_EQ(outcome(text), "A=b\n") << text;
    }
    EXPECT_EQ(outcome("export=b"), "export=b\n");
    EXPECT_EQ(outcome("A="), "A=\n");
    EXPECT_EQ(outcome("a.b_1=c"), "a.b_1=c\n");
    EXPECT_EQ(outcome(""), "");
}

TEST(DotenvTest, ACommentNeedsABlankBeforeIt) {
    EXPECT_EQ(outcome("K=v#w"), "K=v#w\n");
    EXPECT_EQ(outcome("K=v #w"), "K=v\n");
    EXPECT_EQ(outcome("K=#fff"), "K=#fff\n");
    EXPECT_EQ(outcome("K= # x"), "K=\n");
    EXPECT_EQ(outcome("J=\"q#r\""), "J=q#r\n");
    EXPECT_EQ(outcome("J=\"q # r\" # s"), "J=q # r\n");
}

TEST(DotenvTest, DoubleQuotesTakeEscapes) {
    EXPECT_EQ(outcome(R"(A="a\nb\rc\"d\\e\$F\t")"), "A=a\nb\rc\"d\\e$Ft\n");
    EXPECT_EQ(outcome(R"(A="C:\\")"), "A=C:\\\n");
}

TEST(DotenvTest, SingleQuotesTakeEverythingAsItIs) {
    EXPECT_EQ(outcome(R"(A='a\n$B "c" # d')"), "A=a\\n$B \"c\" # d\n");
}

TEST(DotenvTest, QuotedValuesMaySpanLines) {
    EXPECT_EQ(outcome("A=\"one\r\ntwo\"\nB='x\ny'"), "A=one\ntwo\nB=x\ny\n");
}

TEST(DotenvTest, VariablesFurtherUpAreReplaced) {
    EXPECT_EQ(outcome("A=1\nB=$A-${A}-\"x\"\nC=\"$A\"\nD='$A'\nE=\\$A"),
              "A=1\nB=1-1-\"x\"\nC=1\nD=$A\nE=$A\n");
    EXPECT_EQ(outcome("B=$A\nA=1"), "A=1\nB=\n");
    EXPECT_EQ(outcome("P=pa$$word$x$"), "P=pa$$word$x$\n");
}

TEST(DotenvTest, DefaultsInReferencesAreRefusedAndNotGuessed) {
    EXPECT_EQ(outcome("A=${ZZ:-d}"), "1:3 only $NAME and ${NAME} are replaced in a .env file\n");
    EXPECT_EQ(outcome("A=${ZZ"), "1:3 only $NAME and ${NAME} are replaced in a .env file\n");
}

TEST(DotenvTest, TheLastOfSeveralCountsAndIsNoticed) {
    EXPECT_EQ(outcome("A=1\nA=2"), "2:1 \"A\" is set a second time; this one counts\nA=2\n");
}

TEST(DotenvTest, EveryErrorHasItsPlace) {
    EXPECT_EQ(outcome("A\nB=1\n C-D=2\n=3\nE=\"x\nF=1"),
              "1:2 no \"=\" after the variable's name\n"
              "3:3 unexpected character in a variable's name\n"
              "4:1 no variable name before the \"=\"\n"
              "5:3 unterminated quoted value\n");
    EXPECT_EQ(outcome("A=\"b\"c"), "1:6 unexpected text after the closing quote\n");
    EXPECT_EQ(outcome("A=b\0c"s), "1:1 the value contains a NUL byte\n");
}

TEST(DotenvTest, SizesAreBounded) {
    EXPECT_EQ(outcome(std::string(kConfigBytesMax + 1, '\n')),
              "0:0 the file is larger than 1 MiB\n");
    std::string bomb = "A0=xxxxxxxxxxxxxxxx\n";
    for (int i = 1; i < 40; ++i)
        bomb += "A" + std::to_string(i) + "=$A" + std::to_string(i - 1) + "$A" +
                std::to_string(i - 1) + "\n";
    EXPECT_NE(outcome(bomb).find("the values are longer than 1 MiB together"), std::string::npos);
}

}  // namespace
}  // namespace reeve::formats::dotenv
