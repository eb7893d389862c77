#include "cli/compat/dokku/flags.h"

#include <gtest/gtest.h>

namespace reeve::cli::compat::dokku {
namespace {

const FlagSet kSet{{"--no-restart", "-t"}, {"--parallel", "-e"}, true};

TEST(FlagsTest, MayStandBetweenTheWords) {
    const auto parsed = parse_flags(kSet, {"app", "--parallel", "2", "-t", "web"});
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->words, (std::vector<std::string>{"app", "web"}));
    EXPECT_EQ(parsed->text("--parallel"), "2");
    EXPECT_TRUE(parsed->has("-t"));
    EXPECT_FALSE(parsed->has("--no-restart"));
}

TEST(FlagsTest, TakeAValueBehindAnEqualsSignAndMoreThanOnce) {
    const auto parsed = parse_flags(kSet, {"--parallel=-1", "-e", "A=1", "-e", "B=2"});
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->text("--parallel"), "-1");
    EXPECT_EQ(parsed->given.at("-e"), (std::vector<std::string>{"A=1", "B=2"}));
}

TEST(FlagsTest, EndAtTwoDashesAndAtTheFirstWordWhereTheCommandSaysSo) {
    const auto dashes = parse_flags(kSet, {"app", "--", "-x"});
    ASSERT_TRUE(dashes.ok());
    EXPECT_EQ(dashes->words, (std::vector<std::string>{"app", "-x"}));
    const auto first = parse_flags({{"-t"}, {}, false}, {"-t", "app", "ls", "-l"});
    ASSERT_TRUE(first.ok());
    EXPECT_EQ(first->words, (std::vector<std::string>{"app", "ls", "-l"}));
}

TEST(FlagsTest, GlobalIsAWord) {
    const auto parsed = parse_flags(kSet, {"--global", "A=1"});
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->words.front(), "--global");
}

TEST(FlagsTest, UnknownOnesAndMissingValuesAreErrors) {
    EXPECT_EQ(parse_flags(kSet, {"--bogus"}).error().message, "unknown flag: --bogus");
    EXPECT_FALSE(parse_flags(kSet, {"--parallel"}).ok());
}

}  // namespace
}  // namespace reeve::cli::compat::dokku
