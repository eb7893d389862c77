#include "drivers/process_source.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <gtest/gtest.h>
#include <set>

namespace reeve::drivers {
namespace {

constexpr TimePoint kFirstTidying{Duration{1h}};

/// Three children that wait until they are killed.
class KernelProcessesTest : public ::testing::Test {
protected:
    void SetUp() override {
        for (pid_t& child : children_) {
            child = ::fork();
            while (child == 0)
                ::pause();
        }
    }
    void TearDown() override {
        for (const pid_t child : children_)
            end(child);
    }
    static void end(pid_t child) {
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
    }
    pid_t children_[3] = {};
};

TEST_F(KernelProcessesTest, HoldsNoMoreDescriptorsThanItMay) {
    KernelProcesses processes(2);
    for (int round = 0; round < 2; ++round) {
        for (const pid_t child : children_)
            EXPECT_GT(processes.usage(child).value().resident_bytes, 0U);
    }
    EXPECT_EQ(processes.open(), 2U);
}

TEST_F(KernelProcessesTest, ClosesTheDescriptorOfWhoHasGone) {
    KernelProcesses processes(2);
    ASSERT_TRUE(processes.usage(children_[0]));
    end(children_[0]);
    EXPECT_FALSE(processes.usage(children_[0]));
    EXPECT_FALSE(processes.exists(children_[0]));
    EXPECT_EQ(processes.open(), 0U);
}

TEST_F(KernelProcessesTest, ClosesTheDescriptorOfWhoIsNotAskedForAnyMore) {
    KernelProcesses processes(3);
    processes.tidy(kFirstTidying);
    ASSERT_TRUE(processes.usage(children_[0]) && processes.usage(children_[1]));
    processes.tidy(kFirstTidying + 30s);
    processes.tidy(kFirstTidying + 1min);
    EXPECT_EQ(processes.open(), 2U);
    ASSERT_TRUE(processes.usage(children_[1]));
    processes.tidy(kFirstTidying + 2min);
    EXPECT_EQ(processes.open(), 1U);
}

TEST_F(KernelProcessesTest, KnowsWhoIsThere) {
    KernelProcesses processes(0);
    EXPECT_TRUE(processes.exists(children_[0]));
    EXPECT_EQ(processes.stat(children_[0]).value().parent, ::getpid());
    std::set<pid_t> all;
    processes.for_each([&](pid_t pid) { all.insert(pid); });
    EXPECT_TRUE(all.contains(children_[0]) && all.contains(children_[2]));
    EXPECT_GT(processes.births().value().count, 3U);
    EXPECT_GT(processes.pid_max(), children_[0]);
}

TEST(MetersMaxTest, LeavesMostDescriptorsToOthers) {
    EXPECT_EQ(meters_max(1024), 128U);
    EXPECT_EQ(meters_max(1'048'576), 4096U);
}

}  // namespace
}  // namespace reeve::drivers
