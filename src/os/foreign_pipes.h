#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>

#include "os/fd.h"

namespace reeve::os {

/// The pipes that a process has open and that are wanted, by their inode: each opened anew for
/// reading and writing, non-blocking. A process that has gone or may not be looked at has none.
std::map<std::uint64_t, UniqueFd> open_pipes_of(
    pid_t pid, const std::function<bool(std::uint64_t inode)>& wanted);

}  // namespace reeve::os
