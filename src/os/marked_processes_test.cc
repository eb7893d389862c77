#include "os/marked_processes.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <string>

#include "os/clock.h"
#include "os/test_eventually.h"

namespace reeve::os {
namespace {

class MarkedProcessesTest : public ::testing::Test {
protected:
    void TearDown() override {
        for (const pid_t pid : processes_.members(run_, main_))
            ::kill(pid, SIGKILL);
        if (main_ > 0) ::waitpid(main_, nullptr, 0);
    }

    /// Runs `script` with the run's mark; its session is another than this one's.
    void start(const char* script) {
        main_ = ::fork();
        begun_ = steady_now();
        if (main_ != 0) return;
        ::setsid();
        ::setenv("REEVE_RUN", run_.c_str(), 1);
        ::execl("/bin/sh", "sh", "-c", script, static_cast<char*>(nullptr));
        ::_exit(127);
    }
    bool has_members(std::size_t count) {
        return eventually([&] { return processes_.members(run_, main_).size() == count; });
    }
    void end_main() {
        ::kill(main_, SIGKILL);
        ::waitpid(main_, nullptr, 0);
    }

    const std::string run_ = "run-of-test-" + std::to_string(::getpid());
    pid_t main_ = 0;
    TimePoint begun_ = steady_now();
    MarkedProcesses processes_;
};

TEST_F(MarkedProcessesTest, WhatClearedItsEnvironmentBelongsByItsSession) {
    start("env -i sleep 1000 & exec env -i sleep 1000");
    ASSERT_TRUE(has_members(2));
    end_main();
    EXPECT_EQ(processes_.members(run_, main_).size(), 1U);
}

TEST_F(MarkedProcessesTest, WhatClearedItsEnvironmentAndSessionBelongsByItsParent) {
    start("(setsid env -i sleep 1000; :) & exec sleep 1000");
    ASSERT_TRUE(has_members(3));
    for (const pid_t pid : processes_.members(run_, main_))
        EXPECT_TRUE(processes_.has(run_, main_, pid)) << pid;
}

TEST_F(MarkedProcessesTest, TheMarkIsEnoughWhereTheMainProcessIsNotKnown) {
    start("exec sleep 1000");
    ASSERT_TRUE(eventually([&] { return processes_.members(run_, 0) == std::vector{main_}; }));
    EXPECT_TRUE(processes_.has(run_, 0, main_));
    EXPECT_FALSE(processes_.has("run-of-another", 0, main_));
    EXPECT_FALSE(processes_.has(run_, 0, ::getpid()));
}

TEST_F(MarkedProcessesTest, OneOfTwoIsNoEmptyRunWhicheverWasSeen) {
    start("setsid sleep 1000 & exec sleep 1000");
    ASSERT_TRUE(has_members(2));
    for (const pid_t pid : processes_.members(run_, main_)) {
        EXPECT_FALSE(processes_.is_empty(run_, main_, begun_));
        ::kill(pid, SIGKILL);
        ASSERT_TRUE(eventually([&] { return !processes_.has(run_, main_, pid); }));
    }
    EXPECT_TRUE(processes_.is_empty(run_, main_, begun_));
}

TEST_F(MarkedProcessesTest, ALookFromBeforeTheRunSaysNothingOfIt) {
    EXPECT_TRUE(processes_.members(run_, 0).empty());
    start("exec sleep 1000");
    EXPECT_FALSE(processes_.is_empty(run_, main_, begun_));
}

TEST_F(MarkedProcessesTest, ALookThatOthersHadMadeAnswersForOneThatHasEnded) {
    start("exec sleep 1000");
    ASSERT_TRUE(has_members(1));
    end_main();
    EXPECT_TRUE(processes_.members("run-of-another", 0).empty());
    EXPECT_TRUE(processes_.is_empty(run_, main_, begun_));
}

TEST_F(MarkedProcessesTest, AMarkThatCameWithAnExecIsSeen) {
    const std::string script = "read go; REEVE_RUN=" + run_ + " exec sleep 1000";
    int lines[2];
    ASSERT_EQ(::pipe(lines), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(lines[0], 0);
        ::execl("/bin/sh", "sh", "-c", script.c_str(), static_cast<char*>(nullptr));
        ::_exit(127);
    }
    main_ = 0;
    ASSERT_TRUE(eventually([&] { return read_process_stat(child)->name == "sh"; }));
    EXPECT_TRUE(processes_.is_empty(run_, main_, begun_));
    ASSERT_EQ(::write(lines[1], "\n", 1), 1);
    EXPECT_TRUE(has_members(1));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(lines[0]);
    ::close(lines[1]);
}

}  // namespace
}  // namespace reeve::os
