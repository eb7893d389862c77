#include "drivers/process_identities.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/text.h"
#include "os/pidfd_identity.h"
#include "os/process.h"

namespace reeve::drivers {
namespace {

/// A process that waits to be killed.
class Sleeper {
public:
    Sleeper() : pid_(::fork()) {
        if (pid_ == 0) {
            ::pause();
            ::_exit(0);
        }
        pidfd_ = os::open_pidfd(pid_).value();
    }
    ~Sleeper() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    pid_t pid() const { return pid_; }
    int pidfd() const { return pidfd_.get(); }

private:
    pid_t pid_;
    os::UniqueFd pidfd_;
};

class ProcessIdentitiesTest : public testing::Test {
protected:
    void SetUp() override {
        const Sleeper any;
        if (!os::identity_of(any.pidfd())) GTEST_SKIP() << "the kernel has no pidfs";
    }

    /// What a reeved after this one remembers.
    static ProcessIdentities successor_of(const std::vector<core::Record>& journal) {
        ProcessIdentities next;
        for (const core::Record& record : journal) {
            if (!record.erased) next.restore(record.key, record.value);
        }
        return next;
    }
};

constexpr core::RunId kRun = 0x1234500000007ULL;
constexpr core::RunId kGroup = 0x1234500000003ULL;

TEST_F(ProcessIdentitiesTest, ASuccessorKnowsTheProcessAndNoOtherWithItsNumber) {
    const Sleeper ours;
    const Sleeper other;
    ProcessIdentities identities;
    identities.note(kRun, ours.pid(), ours.pidfd(), kGroup);
    ProcessIdentities next = successor_of(identities.take_changes());
    const os::UniqueFd again = os::open_pidfd(ours.pid()).value();
    // As if the number had been given to the other process meanwhile.
    EXPECT_FALSE(next.adopt(kRun, ours.pid(), other.pidfd()).value().is_same);
    EXPECT_TRUE(next.entries().empty());
    const auto adopted = next.adopt(kRun, ours.pid(), again.get());
    EXPECT_TRUE(adopted.value().is_same);
    EXPECT_EQ(adopted->group, kGroup);
}

TEST_F(ProcessIdentitiesTest, ItDoesNotKnowARunThatWasNotNotedOrHasAnotherProcessNow) {
    const Sleeper ours;
    ProcessIdentities identities;
    EXPECT_FALSE(successor_of({}).adopt(kRun, ours.pid(), ours.pidfd()));
    identities.note(kRun, ours.pid(), ours.pidfd(), kGroup);
    ProcessIdentities next = successor_of(identities.entries());
    EXPECT_FALSE(next.adopt(kRun, ours.pid() + 1, ours.pidfd()));
    EXPECT_FALSE(next.adopt(kRun + 1, ours.pid(), ours.pidfd()));
}

TEST_F(ProcessIdentitiesTest, WhatASuccessorAdoptsStaysAsItIsAndTheRestIsErased) {
    const Sleeper ours;
    ProcessIdentities identities;
    identities.note(kRun, ours.pid(), ours.pidfd(), kGroup);
    identities.note(kRun + 1, ours.pid(), ours.pidfd(), kGroup);
    ProcessIdentities next = successor_of(identities.entries());
    EXPECT_TRUE(next.adopt(kRun, ours.pid(), ours.pidfd()));
    next.note(kRun, ours.pid(), ours.pidfd(), kGroup);
    EXPECT_TRUE(next.take_changes().empty());
    next.end_restoring();
    const std::vector<core::Record> changes = next.take_changes();
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].key, to_hex(kRun + 1));
    EXPECT_TRUE(changes[0].erased);
    EXPECT_EQ(next.entries().size(), 1U);
}

TEST_F(ProcessIdentitiesTest, AChangeIsToldOnceAndAnEndErases) {
    const Sleeper ours;
    ProcessIdentities identities;
    identities.note(kRun, ours.pid(), ours.pidfd(), kGroup);
    identities.note(kRun, ours.pid(), ours.pidfd(), kGroup);
    EXPECT_EQ(identities.take_changes().size(), 1U);
    EXPECT_TRUE(identities.take_changes().empty());
    EXPECT_EQ(identities.entries().size(), 1U);
    identities.forget(kRun);
    identities.forget(kRun);
    const std::vector<core::Record> changes = identities.take_changes();
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_TRUE(changes[0].erased);
    EXPECT_TRUE(identities.entries().empty());
}

TEST_F(ProcessIdentitiesTest, WhatIsMalformedIsLeftOut) {
    const Sleeper any;
    ProcessIdentities identities;
    identities.restore("not a run", "\x05\x07");
    identities.restore("7", "");
    identities.restore("7", std::string("\0\7", 2));
    identities.restore("7", "\x05\x07");  // of a reeve that noted no group
    identities.restore("7", "\x05\x07\x07\x07");
    EXPECT_FALSE(identities.adopt(7, 5, any.pidfd()));
    identities.restore("7", "\x05\x07\x07");
    EXPECT_FALSE(identities.adopt(7, 5, any.pidfd()).value().is_same);
}

}  // namespace
}  // namespace reeve::drivers
