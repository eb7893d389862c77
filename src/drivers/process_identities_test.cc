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

TEST_F(ProcessIdentitiesTest, ASuccessorKnowsTheProcessAndNoOtherWithItsNumber) {
    const Sleeper ours;
    const Sleeper other;
    ProcessIdentities identities;
    identities.note(kRun, ours.pid(), ours.pidfd());
    const ProcessIdentities next = successor_of(identities.take_changes());
    const os::UniqueFd again = os::open_pidfd(ours.pid()).value();
    EXPECT_EQ(next.is_same(kRun, ours.pid(), again.get()), true);
    // As if the number had been given to the other process meanwhile.
    EXPECT_EQ(next.is_same(kRun, ours.pid(), other.pidfd()), false);
}

TEST_F(ProcessIdentitiesTest, ItDoesNotKnowARunThatWasNotNotedOrHasAnotherProcessNow) {
    const Sleeper ours;
    ProcessIdentities identities;
    EXPECT_EQ(successor_of({}).is_same(kRun, ours.pid(), ours.pidfd()), std::nullopt);
    identities.note(kRun, ours.pid(), ours.pidfd());
    const ProcessIdentities next = successor_of(identities.entries());
    EXPECT_EQ(next.is_same(kRun, ours.pid() + 1, ours.pidfd()), std::nullopt);
    EXPECT_EQ(next.is_same(kRun + 1, ours.pid(), ours.pidfd()), std::nullopt);
}

TEST_F(ProcessIdentitiesTest, WhatASuccessorAdoptsStaysAsItIsAndTheRestIsErased) {
    const Sleeper ours;
    ProcessIdentities identities;
    identities.note(kRun, ours.pid(), ours.pidfd());
    identities.note(kRun + 1, ours.pid(), ours.pidfd());
    ProcessIdentities next = successor_of(identities.entries());
    next.note(kRun, ours.pid(), ours.pidfd());
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
    identities.note(kRun, ours.pid(), ours.pidfd());
    identities.note(kRun, ours.pid(), ours.pidfd());
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
    identities.restore("7", "\x05\x07\x07");
    EXPECT_EQ(identities.is_same(7, 5, any.pidfd()), std::nullopt);
    identities.restore("7", "\x05\x07");
    EXPECT_EQ(identities.is_same(7, 5, any.pidfd()), false);
}

}  // namespace
}  // namespace reeve::drivers
