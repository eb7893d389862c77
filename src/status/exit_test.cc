#include "status/exit.h"

#include <gtest/gtest.h>

#include "status/transition.h"

namespace reeve::status {
namespace {

TEST(ExitTest, SaysHowAProcessEnded) {
    EXPECT_EQ(to_text(Exit{ExitCode{3}}), "exit code 3");
    EXPECT_EQ(to_text(Exit{ExitSignal{9, false}}), "killed by SIGKILL");
    EXPECT_EQ(to_text(Exit{ExitSignal{11, true}}), "killed by SIGSEGV (core dumped)");
    EXPECT_EQ(to_text(Exit{ExitUnknown{}}), "exit status unknown");
}

TEST(ExitTest, OnlyCodeZeroIsSuccess) {
    EXPECT_TRUE(is_success(ExitCode{0}));
    EXPECT_FALSE(is_success(ExitCode{1}));
    EXPECT_FALSE(is_success(ExitSignal{15, false}));
    EXPECT_FALSE(is_success(ExitUnknown{}));
}

TEST(ExitTest, ReadsSignalsAsPeopleWriteThem) {
    for (const char* text : {"TERM", "SIGTERM", "term", "sigterm", "15"}) {
        EXPECT_EQ(signal_number(text), 15) << text;
    }
    for (const char* text : {"", "SIG", "0", "-1", "65", "TERMX", "15x"}) {
        EXPECT_EQ(signal_number(text), 0) << text;
    }
}

TEST(ExitTest, EverySignalNameIsReadBack) {
    for (int signal = 1; signal <= 31; ++signal) {
        EXPECT_EQ(signal_number(signal_name(signal)), signal);
    }
    EXPECT_EQ(signal_name(99), "signal 99");
}

TEST(TransitionTest, StatesAreNamedAsTablesShowThem) {
    EXPECT_EQ(to_text(State::CrashLooping), "crash-looping");
    EXPECT_EQ(to_text(State::Running), "running");
    EXPECT_EQ(to_text(Goal::Unmonitored), "unmonitored");
    EXPECT_EQ(to_text(CauseKind::Operator), "operator");
}

}  // namespace
}  // namespace reeve::status
