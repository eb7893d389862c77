#pragma once

#include <sys/types.h>

#include "base/result.h"
#include "os/child_setup.h"
#include "os/fd.h"

namespace reeve::os {

/// Room for the child's few calls; the sanitizers do not reach there.
inline constexpr std::size_t kChildStackBytes = 32 * 1024;

/// What a clone gave.
struct Cloned {
    pid_t pid = 0;
    UniqueFd pidfd;
};

/// Starts `child_main(setup)` as a sibling of this process (a child of its parent), in this
/// process's memory and with its descriptor table, on `stack` (kChildStackBytes, 16-aligned), in
/// the cgroup directory `cgroup_fd` (-1: in this process's). Returns at once; the child goes on
/// by itself, so `setup` and `stack` must live until it has executed or ended.
/// Fails with the errno of clone3(2).
Result<Cloned> clone_child(ChildSetup* setup, char* stack, int cgroup_fd);

}  // namespace reeve::os
