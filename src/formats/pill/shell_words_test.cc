#include "formats/pill/shell_words.h"

#include <gtest/gtest.h>

namespace reeve::formats::pill {
namespace {

using Words = std::vector<std::string>;

bool asks_the_shell(std::string_view text) {
    return std::holds_alternative<spec::ShellCommand>(to_command(text, {{"PORT", "1"}}));
}

TEST(ShellWordsTest, SplitsAsRubyDoes) {
    EXPECT_EQ(shell_words("a  b\tc\nd"), (Words{"a", "b", "c", "d"}));
    EXPECT_EQ(shell_words("a 'b c' \"d e\""), (Words{"a", "b c", "d e"}));
    EXPECT_EQ(shell_words("a'b'\"c\"d"), (Words{"abcd"}));
    EXPECT_EQ(shell_words("a\\ b '' \"\""), (Words{"a b", "", ""}));
    EXPECT_EQ(shell_words(R"("a\"b\$c\d")"), (Words{"a\"b$c\\d"}));
    EXPECT_EQ(shell_words(R"('a\b')"), (Words{"a\\b"}));
    EXPECT_EQ(shell_words(""), (Words{}));
    EXPECT_EQ(shell_words("a\\"), (Words{"a"}));
}

TEST(ShellWordsTest, RefusesAnOpenQuote) {
    EXPECT_EQ(shell_words("a 'b"), std::nullopt);
    EXPECT_EQ(shell_words("a \"b"), std::nullopt);
}

TEST(PillCommandTest, ExecutesDirectlyWhatBluepillCan) {
    EXPECT_FALSE(asks_the_shell("/usr/bin/sleep 1000"));
    EXPECT_FALSE(asks_the_shell("env QUEUE=* rake resque:work"));
    EXPECT_FALSE(asks_the_shell("perl -e 'sleep 1; print \"a\" && exit' x"));
    EXPECT_FALSE(asks_the_shell("bin/web --url 'http://x/?a=1&b=2' --format $unknown"));
    EXPECT_FALSE(asks_the_shell("sh -c 'cd /x && exec y > log 2>&1'"));
    EXPECT_FALSE(asks_the_shell("kill -QUIT {{PID}}"));
    EXPECT_FALSE(asks_the_shell("bin/web"));
    EXPECT_FALSE(asks_the_shell("bin/web '$PORT'"));
    EXPECT_FALSE(asks_the_shell("bin/web --compare a<b --x=>y"));
}

TEST(PillCommandTest, AsksTheShellWhereOnlyItCanHelp) {
    EXPECT_TRUE(asks_the_shell("cd /tmp && exec bin/web"));
    EXPECT_TRUE(asks_the_shell("RAILS_ENV=production bin/web"));
    EXPECT_TRUE(asks_the_shell("export A=1; bin/web"));
    EXPECT_TRUE(asks_the_shell("bin/web > log/web.log 2>&1"));
    EXPECT_TRUE(asks_the_shell("bin/web >/dev/null"));
    EXPECT_TRUE(asks_the_shell("bin/web 2>/dev/null"));
    EXPECT_TRUE(asks_the_shell("bin/web &"));
    EXPECT_TRUE(asks_the_shell("bin/a; bin/b"));
    EXPECT_TRUE(asks_the_shell("bin/web | logger"));
    EXPECT_TRUE(asks_the_shell("bin/web -p $PORT"));
    EXPECT_TRUE(asks_the_shell("bin/web -p \"${PORT}\""));
    EXPECT_TRUE(asks_the_shell("bin/web*"));
    EXPECT_TRUE(asks_the_shell("bin/web 'oops"));
    EXPECT_TRUE(asks_the_shell(""));
}

}  // namespace
}  // namespace reeve::formats::pill
