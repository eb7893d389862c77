#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <atomic>
#include <optional>
#include <string>
#include <vector>

namespace reeve::os {

/// The steps of a child between clone and exec, in their order (engine.md, §1, Spawn).
enum class SpawnStage : int {
    Clone,
    Unshare,
    Cgroup,
    Session,
    Limits,
    Nice,
    OomScore,
    Umask,
    Files,
    Root,
    Chdir,
    Groups,
    Gid,
    Uid,
    Redirect,
    Exec
};

/// Everything that a child needs between clone and exec, made before the clone: the child itself
/// may only make system calls. Must not move or change while the child is on its way.
struct ChildSetup {
    /// What the process calls itself, before all else, until it executes its program (`comm`, 15
    /// bytes at most): who comes after a parent that dies meanwhile knows it by this. Empty: as its
    /// parent.
    std::string name;
    std::vector<std::string> executables;  // absolute paths, tried in this order
    std::vector<std::string> arguments;
    std::vector<std::string> environment;   // `NAME=value`
    std::vector<std::string> cgroup_files;  // `tasks`/`cgroup.procs` files to join by writing 0
    std::string root_dir;                   // chroot(2); empty: none
    std::string working_dir;                // inside it
    std::vector<std::pair<int, rlimit>> limits;
    std::optional<int> nice;
    std::string oom_score_adjust;  // empty: untouched
    std::optional<mode_t> umask;
    struct Identity {
        uid_t uid = 0;
        gid_t gid = 0;
        std::vector<gid_t> groups;
    };
    std::optional<Identity> identity;  // nullopt: the daemon's own
    bool ignores_hangup = false;
    /// A file that the child opens for one of its standard files or another number, as the user
    /// that it has become and in its working directory.
    struct Redirection {
        int fd = 0;
        std::string path;  // empty: what `copies` has
        int copies = -1;   // -1: /dev/null, wherever the root directory is
        int flags = 0;
        bool may_fail = false;  // /dev/null then
    };
    std::vector<Redirection> redirections;
    std::string script;  // what descriptor kScriptFd reads; empty: it is closed
    /// Numbers of Spawner::lend that the child has from kFirstPassedFd on; kPassedFdsMax at most.
    /// With any, the value of a variable LISTEN_PID becomes the child's own number.
    std::vector<int> passed_fds;

    // Filled in by Spawner.
    int input_fd = -1;   // below kLowFdsEnd, like the next two
    int output_fd = -1;  // stdout and stderr
    int script_fd = -1;
    int status_fd = -1;
    int lent_begin = -1;  // the numbers of Spawner::lend
    int lent_end = -1;
    char* listen_pid = nullptr;  // inside `environment`, with room for kPidDigits and an end
    std::vector<const char*> argument_pointers;
    std::vector<const char*> environment_pointers;

    // Written by the child, read by the parent.
    std::atomic<SpawnStage> stage{SpawnStage::Clone};
    std::atomic<int> error{0};   // errno of the stage that failed
    std::atomic<int> detail{0};  // which of the stage's several things: a limit, a redirection
};

/// All descriptors that a child keeps across its unshare lie below this: what it costs to start a
/// process must not grow with the number of descriptors that the daemon has open.
inline constexpr int kLowFdsEnd = 256;

/// Where a script is read from: `sh /proc/self/fd/9`.
inline constexpr int kScriptFd = 9;

/// Where a child finds descriptors that are passed on to it, and how many there may be.
inline constexpr int kFirstPassedFd = 3;
inline constexpr int kPassedFdsMax = kScriptFd - kFirstPassedFd;

/// Most digits of a process's number.
inline constexpr int kPidDigits = 10;

/// What the child writes to its status pipe when it has a descriptor table of its own.
inline constexpr char kUnshared = 'u';

/// The child: performs the setup and executes the program. On failure leaves `stage` and `error`
/// behind and exits with 127. Runs on a stack of its own in the memory of the parent, at the same
/// time as the parent: system calls only, nothing of libc, no thread-local.
[[noreturn]] void child_main(ChildSetup* setup);

}  // namespace reeve::os
