#include "os/subprocess.h"

#include <poll.h>
#include <sys/wait.h>

#include <gtest/gtest.h>

namespace reeve::os {
namespace {

/// Runs a program to its end; its status as waitpid(2) gives it.
int run(Subprocess& child) {
    for (;;) {
        pollfd waiting[2] = {{child.output_fd(), POLLIN, 0}, {child.pidfd(), POLLIN, 0}};
        EXPECT_GT(::poll(waiting, 2, 10'000), 0);
        child.read_output();
        const std::optional<int> status = child.reap();
        if (!status) continue;
        child.read_output();
        return *status;
    }
}

TEST(SubprocessTest, SaysWhatItSaidAndHowItEnded) {
    auto child = Subprocess::start({"/bin/sh", "-c", "echo out; echo err >&2; exit 3"});
    ASSERT_TRUE(child.ok());
    const int status = run(*child);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 3);
    EXPECT_EQ(child->said(), "out\nerr\n");
}

TEST(SubprocessTest, KeepsSoMuchOnly) {
    auto child = Subprocess::start({"/bin/sh", "-c", "head -c 300000 /dev/zero"});
    ASSERT_TRUE(child.ok());
    EXPECT_EQ(run(*child), 0);
    EXPECT_EQ(child->said().size(), kSubprocessOutputMax);
}

TEST(SubprocessTest, AMissingProgramIsAnError) {
    auto child = Subprocess::start({"/nonexistent/program"});
    ASSERT_FALSE(child.ok());
    EXPECT_EQ(child.error().message, "start /nonexistent/program: No such file or directory");
}

TEST(SubprocessTest, IsKilledWithItsObject) {
    UniqueFd pidfd;
    {
        auto child = Subprocess::start({"/bin/sleep", "1000"});
        ASSERT_TRUE(child.ok());
        pidfd = duplicate(child->pidfd()).value();
    }
    pollfd waiting = {pidfd.get(), POLLIN, 0};
    EXPECT_EQ(::poll(&waiting, 1, 0), 1);
}

}  // namespace
}  // namespace reeve::os
