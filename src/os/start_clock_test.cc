#include "os/start_clock.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "os/process.h"

namespace reeve::os {
namespace {

/// A child that waits to be killed.
pid_t fork_child() {
    const pid_t pid = ::fork();
    if (pid == 0) {
        for (;;)
            ::pause();
    }
    return pid;
}

void reap(pid_t pid) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
}

TEST(StartClockTest, TellsWhatTheKernelTells) {
    StartClock clock;
    for (int i = 0; i < 50; ++i) {
        const std::uint64_t before = clock.now();
        const pid_t pid = fork_child();
        ASSERT_GT(pid, 0);
        const std::uint64_t told = clock.start_of(pid, before);
        const std::optional<ProcessStat> stat = read_process_stat(pid);
        reap(pid);
        ASSERT_TRUE(stat);
        EXPECT_EQ(told, stat->start_ticks);
    }
}

TEST(StartClockTest, LooksWhereTheTickHasPassed) {
    StartClock clock;
    const pid_t pid = fork_child();
    const std::uint64_t told = clock.start_of(pid, 1);
    const std::optional<ProcessStat> stat = read_process_stat(pid);
    reap(pid);
    ASSERT_TRUE(stat);
    EXPECT_EQ(told, stat->start_ticks);
    EXPECT_EQ(clock.start_of(pid, 1), 0u);
}

}  // namespace
}  // namespace reeve::os
