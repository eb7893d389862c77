#include "formats/upstart/shell_command.h"

#include <gtest/gtest.h>

namespace reeve::formats::upstart {
namespace {

TEST(ShellCommandTest, WordsAreExecutedWithoutAShell) {
    EXPECT_EQ(to_command({"/usr/bin/web  -p 80", false}),
              spec::Command(spec::DirectCommand{{"/usr/bin/web", "-p", "80"}}));
}

TEST(ShellCommandTest, ShellCharactersBringAShell) {
    EXPECT_EQ(to_command({"web -p $PORT", false}),
              spec::Command(spec::ShellCommand{"exec web -p $PORT", spec::Shell::ShErrexit}));
    for (const char c : std::string("~`!$^&*()=|\\{}[];\"'<>?"))
        EXPECT_TRUE(needs_shell(std::string("a") + c)) << c;
    EXPECT_FALSE(needs_shell("a-b_c/d.e:f,g@h%i+j"));
}

TEST(ShellCommandTest, ScriptsOfOneLineAreAnArgumentAndLongerOnesAFile) {
    EXPECT_EQ(to_command({"exec web\n\n", true}),
              spec::Command(spec::ShellCommand{"exec web", spec::Shell::ShErrexit}));
    EXPECT_EQ(to_command({"a\nb\n", true}),
              spec::Command(spec::ShellCommand{"a\nb\n", spec::Shell::ShErrexitFile}));
    EXPECT_EQ(to_command({"", true}),
              spec::Command(spec::ShellCommand{":", spec::Shell::ShErrexit}));
}

}  // namespace
}  // namespace reeve::formats::upstart
