#include "os/containment.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <gtest/gtest.h>

#include "base/text.h"
#include "os/process.h"
#include "os/test_eventually.h"

namespace reeve::os {
namespace {

class ContainmentTest : public ::testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        ::setenv("REEVE_CONTAINMENT", GetParam(), 1);
        Paths paths;
        paths.root = "/tmp/reeve-containment-test-" + std::to_string(::getpid());
        paths.run_dir = paths.root + "/run";
        containment_ = Containment::choose(paths);
        if (std::string(GetParam()) != "none" && containment_.mode() == ContainmentMode::None) {
            GTEST_SKIP() << "no cgroup of this kind can be written here";
        }
    }
    void TearDown() override {
        containment_.remove_base();
        ::unsetenv("REEVE_CONTAINMENT");
    }

    /// A child in the group of the run, as the daemon's children join it, running `script`.
    pid_t start(const RunGroup& group, const char* script) {
        const pid_t pid = ::fork();
        if (pid != 0) return pid;
        for (const std::string& file : files(group))
            (void)write_file(file, "0");
        ::setsid();
        ::setenv("REEVE_RUN", to_hex(run_).c_str(), 1);
        ::execl("/bin/sh", "sh", "-c", script, static_cast<char*>(nullptr));
        ::_exit(127);
    }
    std::vector<std::string> files(const RunGroup& group) const {
        if (group.path.empty()) return {};
        return {group.path + "/cgroup.procs"};
    }

    /// Whose the group of the instance is, and since when.
    std::string owner_of(const std::string& instance) const {
        for (const Containment::FoundGroup& one : containment_.groups()) {
            if (one.instance != instance) continue;
            EXPECT_EQ(one.named, to_hex(run_));
            const auto owner = containment_.owner_of(one);
            return owner ? owner->run + " " + std::to_string(owner->begun_ticks) : "nobody";
        }
        return "nobody";
    }

    // Several of these tests run at the same time: without cgroups, the mark tells them apart.
    const std::uint64_t run_ = 0x1234'5678'0000'0000 + static_cast<std::uint64_t>(::getpid());
    Containment containment_;
};

TEST_P(ContainmentTest, FindsAndKillsWhatHasLeftTheSession) {
    const RunGroup group = containment_.create("shop/web.1", to_hex(run_)).value();
    const pid_t main_pid = start(group, "setsid sleep 1000 & setsid sleep 1000 & exec sleep 1000");
    ASSERT_TRUE(eventually(
        [&] { return containment_.members(group, to_hex(run_), main_pid).size() == 3; }));
    EXPECT_FALSE(containment_.is_empty(group, to_hex(run_), main_pid, {}));
    for (const pid_t pid : containment_.members(group, to_hex(run_), main_pid)) {
        EXPECT_TRUE(containment_.has(group, to_hex(run_), main_pid, pid));
    }
    EXPECT_FALSE(containment_.has(group, to_hex(run_), main_pid, ::getpid()));
    containment_.kill(group, to_hex(run_), main_pid);
    EXPECT_TRUE(
        eventually([&] { return containment_.is_empty(group, to_hex(run_), main_pid, {}); }));
    ::waitpid(main_pid, nullptr, 0);
    containment_.remove(group);
    if (!group.path.empty()) {
        EXPECT_NE(::access(group.path.c_str(), F_OK), 0);
    }
}

TEST_P(ContainmentTest, TheDirectoryOfAnAppGoesWithItsLastGroup) {
    if (containment_.mode() == ContainmentMode::None) GTEST_SKIP() << "needs a cgroup";
    const RunGroup group = containment_.create("shop/web.1", to_hex(run_)).value();
    containment_.remove_app("shop/web.2");
    EXPECT_EQ(::access(group.path.c_str(), F_OK), 0);
    containment_.remove(group);
    containment_.remove(group);  // once more is no mistake
    containment_.remove_app("shop/web.1");
    EXPECT_NE(::access((containment_.base() + "/shop").c_str(), F_OK), 0);
}

TEST_P(ContainmentTest, AZombieAloneLeavesTheGroupEmpty) {
    const RunGroup group = containment_.create("shop/web.1", to_hex(run_)).value();
    const pid_t main_pid = start(group, "exit 3");
    ASSERT_TRUE(eventually([&] {
        const auto stat = read_process_stat(main_pid);
        return stat && stat->state == 'Z';
    }));
    EXPECT_TRUE(containment_.is_empty(group, to_hex(run_), main_pid, {}));
    const auto stat = read_process_stat(main_pid);
    if (may_read_exit_statuses()) {
        EXPECT_EQ(WEXITSTATUS(stat->exit_status), 3);
    }
    // The kernel shows a zombie in its v2 group, and at the root of every v1 hierarchy.
    if (containment_.mode() == ContainmentMode::Hybrid ||
        containment_.mode() == ContainmentMode::V2) {
        EXPECT_EQ(containment_.group_path_of(main_pid), group.path);
    }
    ::waitpid(main_pid, nullptr, 0);
    containment_.remove(group);
}

TEST_P(ContainmentTest, ListsStraysByTheirGroup) {
    if (containment_.mode() == ContainmentMode::None) GTEST_SKIP() << "needs a cgroup";
    const RunGroup group = containment_.create("shop/web.1", to_hex(run_)).value();
    const pid_t main_pid = start(group, "exec sleep 1000");
    ASSERT_TRUE(eventually([&] { return !containment_.strays().empty(); }));
    const std::vector<Containment::Stray> strays = containment_.strays();
    ASSERT_EQ(strays.size(), 1U);
    EXPECT_EQ(strays[0].instance, "shop/web.1");
    EXPECT_EQ(strays[0].run, to_hex(run_));
    EXPECT_EQ(strays[0].pid, main_pid);
    containment_.kill(group, to_hex(run_), main_pid);
    ::waitpid(main_pid, nullptr, 0);
    containment_.remove(group);
}

TEST_P(ContainmentTest, AGroupThatIsHandedOnSaysWhoseItIs) {
    const RunGroup group = containment_.create("shop/web.1", to_hex(run_)).value();
    const RunGroup other = containment_.create("shop/web.2", to_hex(run_)).value();
    const bool can = containment_.hand_on(group, to_hex(7), 1234);
    EXPECT_EQ(can, !containment_.events_file(group).empty());
    EXPECT_EQ(owner_of("shop/web.1"), can ? to_hex(7) + " 1234" : "nobody");
    EXPECT_EQ(owner_of("shop/web.2"), "nobody");
    if (can) {
        EXPECT_TRUE(containment_.hand_on(group, to_hex(8), 5678));
        EXPECT_EQ(owner_of("shop/web.1"), to_hex(8) + " 5678");
    }
    containment_.remove(group);
    containment_.remove(other);
    EXPECT_TRUE(containment_.groups().empty());
    EXPECT_FALSE(containment_.hand_on(group, to_hex(9), 1)) << "it is not there any more";
}

TEST_P(ContainmentTest, AGroupWithOthersBelowIsNotHandedOn) {
    const RunGroup group = containment_.create("shop/web.1", to_hex(run_)).value();
    if (containment_.events_file(group).empty()) GTEST_SKIP() << "needs cgroup v2";
    ASSERT_EQ(::mkdir((group.path + "/own").c_str(), 0755), 0);
    EXPECT_FALSE(containment_.hand_on(group, to_hex(7), 1234));
    containment_.remove(group);
}

INSTANTIATE_TEST_SUITE_P(Modes, ContainmentTest, ::testing::Values("v2", "v1", "none"),
                         [](const auto& mode) { return std::string(mode.param); });

}  // namespace
}  // namespace reeve::os
