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
    Chdir,
    Groups,
    Gid,
    Uid,
    Exec
};

/// Everything that a child needs between clone and exec, made before the clone: the child itself
/// may only make system calls. Must not move or change while the child is on its way.
struct ChildSetup {
    std::vector<std::string> executables;  // absolute paths, tried in this order
    std::vector<std::string> arguments;
    std::vector<std::string> environment;   // `NAME=value`
    std::vector<std::string> cgroup_files;  // `tasks`/`cgroup.procs` files to join by writing 0
    std::string working_dir;
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

    // Filled in by Spawner.
    int input_fd = -1;   // below kLowFdsEnd, like the next two
    int output_fd = -1;  // stdout and stderr
    int status_fd = -1;
    std::vector<const char*> argument_pointers;
    std::vector<const char*> environment_pointers;

    // Written by the child, read by the parent.
    std::atomic<SpawnStage> stage{SpawnStage::Clone};
    std::atomic<int> error{0};  // errno of the stage that failed
};

/// All descriptors that a child keeps across its unshare lie below this: what it costs to start a
/// process must not grow with the number of descriptors that the daemon has open.
inline constexpr int kLowFdsEnd = 160;

/// What the child writes to its status pipe when it has a descriptor table of its own.
inline constexpr char kUnshared = 'u';

/// The child: performs the setup and executes the program. On failure leaves `stage` and `error`
/// behind and exits with 127. Runs on a stack of its own in the memory of the parent, at the same
/// time as the parent: system calls only, nothing of libc, no thread-local.
[[noreturn]] void child_main(ChildSetup* setup);

}  // namespace reeve::os
