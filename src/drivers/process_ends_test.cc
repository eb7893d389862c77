#include "drivers/process_ends.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>
#include <gtest/gtest.h>
#include <map>
#include <vector>

#include "os/process.h"

namespace reeve::drivers {
namespace {

class ProcessEndsTest : public testing::Test {
protected:
    struct Process {
        pid_t pid = 0;
        os::UniqueFd pidfd;
        ProcessEnds::Watched watched;
    };

    ProcessEndsTest() : loop_(::event_base_new(), ::event_base_free) {
        ends_ = std::make_unique<ProcessEnds>(ProcessEnds::create(loop_.get(), [this](auto run) {
                                                  told_.push_back(run);
                                                  if (unwatches_) processes_[run].watched = {};
                                              }).value());
    }
    ~ProcessEndsTest() override {
        for (auto& [run, process] : processes_) {
            process.watched = {};
            ::kill(process.pid, SIGKILL);
            ::waitpid(process.pid, nullptr, 0);
        }
    }

    void start(core::RunId run) {
        Process& process = processes_[run];
        process.pid = ::fork();
        if (process.pid == 0) {
            ::pause();
            ::_exit(0);
        }
        process.pidfd = os::open_pidfd(process.pid).value();
        process.watched = ends_->watch(run, process.pidfd.get());
    }

    /// Waits until it is a zombie, and lets the loop turn.
    void kill(core::RunId run) {
        ::kill(processes_[run].pid, SIGKILL);
        siginfo_t info{};
        ::waitid(P_PID, static_cast<id_t>(processes_[run].pid), &info, WEXITED | WNOWAIT);
    }
    void turn() { ::event_base_loop(loop_.get(), EVLOOP_ONCE | EVLOOP_NONBLOCK); }

    std::unique_ptr<event_base, void (*)(event_base*)> loop_;
    std::unique_ptr<ProcessEnds> ends_;
    std::map<core::RunId, Process> processes_;
    std::vector<core::RunId> told_;
    bool unwatches_ = true;
};

TEST_F(ProcessEndsTest, TellsWhoHasEndedAndOfNobodyElse) {
    for (const core::RunId run : {1U, 2U, 3U})
        start(run);
    turn();
    EXPECT_TRUE(told_.empty());
    kill(2);
    turn();
    EXPECT_EQ(told_, (std::vector<core::RunId>{2}));
    turn();
    EXPECT_EQ(told_.size(), 1U);
}

TEST_F(ProcessEndsTest, TellsAgainUntilTheProcessIsWatchedNoMore) {
    unwatches_ = false;
    start(7);
    kill(7);
    turn();
    turn();
    EXPECT_EQ(told_, (std::vector<core::RunId>{7, 7}));
    processes_[7].watched = {};
    turn();
    EXPECT_EQ(told_.size(), 2U);
}

TEST_F(ProcessEndsTest, AWatchThatMovesGoesOn) {
    start(1);
    ProcessEnds::Watched moved = std::move(processes_[1].watched);
    processes_[1].watched = std::move(moved);
    kill(1);
    turn();
    EXPECT_EQ(told_, (std::vector<core::RunId>{1}));
}

}  // namespace
}  // namespace reeve::drivers
