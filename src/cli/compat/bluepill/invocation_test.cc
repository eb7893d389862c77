#include "cli/compat/bluepill/invocation.h"

#include <gtest/gtest.h>

namespace reeve::cli::compat::bluepill {
namespace {

using Words = std::vector<std::string>;

TEST(BluepillInvocationTest, OptionsMayStandAnywhere) {
    const Invocation one = read_invocation(
        {"demo", "stop", "--no-privileged", "-c", "/base", "web", "--logfile=/log", "-t", "3"});
    EXPECT_EQ(one.words, (Words{"demo", "stop", "web"}));
    EXPECT_FALSE(one.privileged);
    EXPECT_EQ(one.base_dir, "/base");
    EXPECT_EQ(one.log_file, "/log");
    EXPECT_TRUE(one.wrong_option.empty());
}

TEST(BluepillInvocationTest, ShortAndShortenedForms) {
    EXPECT_EQ(read_invocation({"-c/base"}).base_dir, "/base");
    EXPECT_EQ(read_invocation({"--base", "/base"}).base_dir, "/base");
    EXPECT_TRUE(read_invocation({"-v"}).version);
    EXPECT_TRUE(read_invocation({"--help"}).help);
    EXPECT_EQ(read_invocation({"--", "-v"}).words, (Words{"-v"}));
    EXPECT_TRUE(read_invocation({"status"}).privileged);
}

TEST(BluepillInvocationTest, MistakesAreSaid) {
    EXPECT_EQ(read_invocation({"--nope"}).wrong_option, "invalid option: --nope");
    EXPECT_EQ(read_invocation({"-x"}).wrong_option, "invalid option: -x");
    EXPECT_EQ(read_invocation({"-c"}).wrong_option, "missing argument: -c");
}

}  // namespace
}  // namespace reeve::cli::compat::bluepill
