#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "os/child_setup.h"
#include "os/clone.h"
#include "os/fd.h"

namespace reeve::os {

/// Most children between clone and exec at one time.
inline constexpr int kSpawnsMax = 64;

/// Most descriptors that are there to be passed to children.
inline constexpr int kLentFdsMax = 24;

/// One child between clone and exec.
///
/// The owner's loop watches `status_fd()`: when it is readable, call `progress`. Must outlive the
/// child's exec: its memory is the child's too.
class PendingSpawn {
public:
    /// What has become of the child.
    enum class Progress { OnItsWay, Executed, Failed };

    int status_fd() const { return status_.get(); }
    pid_t pid() const { return pid_; }
    /// The child's pidfd, to be taken once.
    UniqueFd take_pidfd() { return std::move(pidfd_); }

    /// Reads the child's news.
    Progress progress();

    /// Where the child is: `chdir /srv/shop`, `exec bin/web`.
    std::string stage_text() const;
    /// After Failed: the errno.
    int error() const { return setup_->error.load(); }

private:
    friend class Spawner;
    std::unique_ptr<ChildSetup> setup_;
    UniqueFd status_;
    UniqueFd pidfd_;
    pid_t pid_ = 0;
    class Spawner* spawner_ = nullptr;
    int slot_ = -1;  // the descriptors lent to it; -1: given back
};

/// Starts children at a price that depends neither on the daemon's memory nor on the number of its
/// descriptors: the child shares both until it has a table of its own with the low descriptors.
/// Those low numbers are reserved here, so there is one Spawner, made before anything else is open.
class Spawner {
public:
    /// Reserves the descriptors below kLowFdsEnd.
    static Result<std::unique_ptr<Spawner>> create();

    /// Clones a child for `setup`; `output_fd` becomes its stdout and stderr (-1: `/dev/null`),
    /// `cgroup_fd` the cgroup directory it starts in (-1: none). Fails when kSpawnsMax are on their
    /// way or the clone fails.
    Result<std::unique_ptr<PendingSpawn>> start(std::unique_ptr<ChildSetup> setup, int output_fd,
                                                int cgroup_fd);

    /// A low number for a copy of `fd`, which children can be passed (ChildSetup::passed_fds).
    /// Fails when kLentFdsMax are lent.
    Result<int> lend(int fd);
    /// Gives such a number back.
    void take_back(int number);

    /// Gives back what a child had borrowed, after its exec or its end: its stack and descriptors.
    void finish(std::unique_ptr<PendingSpawn> spawn);

private:
    friend class PendingSpawn;
    struct Slot {
        int output_fd = -1;
        int script_fd = -1;
        int status_fd = -1;
        char* stack = nullptr;  // mapped at first use, kept
        bool busy = false;
        bool lends = false;  // its numbers stand for files that a child takes over
        bool lends_script = false;
    };
    Spawner() = default;
    void return_descriptors(int number);

    UniqueFd null_;
    std::vector<Slot> slots_;
    std::vector<int> lent_;  // the numbers, rising
    std::vector<bool> is_lent_;
};

}  // namespace reeve::os
