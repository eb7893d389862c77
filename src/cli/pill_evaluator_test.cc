#include "cli/pill_evaluator.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "base/test_directory.h"
#include "os/process.h"

namespace reeve::cli {
namespace {

/// Waits for the end of a process, which need not be a child; a zombie has ended.
bool ends(pid_t pid) {
    const Result<os::UniqueFd> process = os::open_pidfd(pid);
    if (!process) return process.error().code == ESRCH;
    constexpr int kPatience = 10'000;
    pollfd waiting{process->get(), POLLIN, 0};
    return ::poll(&waiting, 1, kPatience) == 1;
}

/// A `ruby` that is a shell script, and a recorder that is nothing.
class PillEvaluatorTest : public testing::Test {
protected:
    void SetUp() override {
        std::filesystem::create_directories(directory_.path("bin"));
        std::filesystem::create_directories(directory_.path("lib/reeve/ruby"));
        directory_.write("lib/reeve/ruby/recorder.rb", "");
        context_.program_directory = directory_.path("bin");
        path_ = ::getenv("PATH");
        ::setenv("PATH", (directory_.path("bin:") + path_).c_str(), 1);
    }
    void TearDown() override { ::setenv("PATH", path_.c_str(), 1); }

    void ruby_is(const std::string& script) {
        const std::string file = directory_.path("bin/ruby");
        directory_.write("bin/ruby", "#!/bin/sh\n" + script);
        std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    }

    pid_t noted_pid() const {
        pid_t pid = 0;
        std::ifstream(directory_.path("pid")) >> pid;
        return pid;
    }

    Context context_;
    TestDirectory directory_;
    std::string path_;
};

TEST_F(PillEvaluatorTest, WhatIsHandedOverAndTheExitCodeAreReturned) {
    ruby_is("echo '{\"from\":\"'$3'\"}' >&$REEVE_PILL_FD; exit 6\n");
    const Result<EvaluatedPill> pill = evaluate_pill(context_, "/srv/x.pill", {});
    ASSERT_TRUE(pill) << pill.error().message;
    EXPECT_EQ(pill->json, "{\"from\":\"/srv/x.pill\"}\n");
    EXPECT_EQ(pill->exit_code, 6);
}

TEST_F(PillEvaluatorTest, WhatDoesNotEndIsEndedWithAllThatItHasStarted) {
    ruby_is("sleep 1000 & echo $! > " + directory_.path("pid; wait\n"));
    PillLimits limits;
    limits.wall = 1s;
    const Result<EvaluatedPill> pill = evaluate_pill(context_, "/srv/x.pill", limits);
    ASSERT_FALSE(pill);
    EXPECT_NE(pill.error().message.find("its evaluation took longer than 1s and was ended"),
              std::string::npos)
        << pill.error().message;
    const pid_t child = noted_pid();
    ASSERT_GT(child, 1);
    EXPECT_TRUE(ends(child));
}

}  // namespace
}  // namespace reeve::cli
