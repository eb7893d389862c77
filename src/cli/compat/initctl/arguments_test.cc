#include "cli/compat/initctl/arguments.h"

#include <gtest/gtest.h>

namespace reeve::cli::initctl {
namespace {

constexpr Option kOptions[] = {{'n', "no-wait", false, ""}, {'i', "ignore-events", true, ""}};

std::string failure(const std::vector<std::string>& args) {
    const Result<Arguments> read = read_arguments(args, kOptions);
    return read ? "" : read.error().message;
}

TEST(ArgumentsTest, OptionsMayStandAnywhere) {
    const Result<Arguments> read =
        read_arguments({"web", "-n", "A=1", "--ignore-events", "x,y", "-q"}, kOptions);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->words, (std::vector<std::string>{"web", "A=1"}));
    EXPECT_TRUE(read->has("no-wait"));
    EXPECT_TRUE(read->has("quiet"));
    EXPECT_FALSE(read->has("verbose"));
    EXPECT_EQ(read->value("ignore-events"), "x,y");
    EXPECT_EQ(read_arguments({"--ignore-events=a", "-i", "b"}, kOptions)->value("ignore-events"),
              "b");
}

TEST(ArgumentsTest, TwoDashesEndThem) {
    EXPECT_EQ(read_arguments({"--", "-n", "--x"}, kOptions)->words,
              (std::vector<std::string>{"-n", "--x"}));
    EXPECT_EQ(read_arguments({"-"}, kOptions)->words, (std::vector<std::string>{"-"}));
}

TEST(ArgumentsTest, RefusesWhatItDoesNotKnow) {
    EXPECT_EQ(failure({"--no"}), "invalid option: --no");
    EXPECT_EQ(failure({"-nx"}), "invalid option: -x");
    EXPECT_EQ(failure({"--no-wait=1"}), "unexpected argument: --no-wait");
    EXPECT_EQ(failure({"-i"}), "missing argument: -i");
}

}  // namespace
}  // namespace reeve::cli::initctl
