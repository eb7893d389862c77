#include "cli/exit_code.h"

#include <errno.h>

#include <gtest/gtest.h>

namespace reeve::cli {
namespace {

TEST(ExitCodeTest, TellsScriptsWhatBecameOfTheRequest) {
    EXPECT_EQ(static_cast<int>(exit_code(api::Code::Done)), 0);
    EXPECT_EQ(static_cast<int>(exit_code(api::Code::Accepted)), 0);
    EXPECT_EQ(static_cast<int>(exit_code(api::Code::Failed)), 1);
    EXPECT_EQ(static_cast<int>(exit_code(api::Code::Busy)), 1);
    EXPECT_EQ(static_cast<int>(exit_code(api::Code::Invalid)), 2);
    EXPECT_EQ(static_cast<int>(exit_code(api::Code::NotRunning)), 3);
    EXPECT_EQ(static_cast<int>(exit_code(api::Code::NoSuchTarget)), 4);
    EXPECT_EQ(static_cast<int>(exit_code(api::Code::Unavailable)), 69);
    EXPECT_EQ(static_cast<int>(exit_code(api::Code::NotPermitted)), 77);
    EXPECT_EQ(static_cast<int>(exit_code(api::Code::TimedOut)), 124);
}

TEST(ExitCodeTest, TellsWhyThereWasNoAnswer) {
    EXPECT_EQ(exit_code(Error{"", EACCES}), ExitCode::NotPermitted);
    EXPECT_EQ(exit_code(Error{"", EPERM}), ExitCode::NotPermitted);
    EXPECT_EQ(exit_code(Error{"", ETIMEDOUT}), ExitCode::TimedOut);
    EXPECT_EQ(exit_code(Error{"", ENOENT}), ExitCode::Unreachable);
    EXPECT_EQ(exit_code(Error{"", ECONNREFUSED}), ExitCode::Unreachable);
}

}  // namespace
}  // namespace reeve::cli
