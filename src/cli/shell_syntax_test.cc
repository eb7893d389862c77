#include "cli/shell_syntax.h"

#include <gtest/gtest.h>

namespace reeve::cli {
namespace {

TEST(ShellSyntaxTest, ReadsAScriptWithoutRunningIt) {
    EXPECT_TRUE(check_shell_syntax("exit 3\n").ok());
    EXPECT_TRUE(check_shell_syntax("").ok());
    EXPECT_TRUE(check_shell_syntax(std::string(200'000, '#') + "\n").ok());
}

TEST(ShellSyntaxTest, TellsWhatTheShellSays) {
    const Result<void> syntax = check_shell_syntax("if true; then\n");
    ASSERT_FALSE(syntax.ok());
    EXPECT_NE(syntax.error().message.find("yntax error"), std::string::npos);
}

}  // namespace
}  // namespace reeve::cli
