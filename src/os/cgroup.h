#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "os/fd.h"

namespace reeve::os {

/// The state of one cgroup directory, v2 or v1; free functions, since a cgroup is just a path.

/// Every process of the cgroup at `path` below `directory`, and of those below it. Zombies are not
/// listed by the kernel.
std::vector<pid_t> cgroup_members(int directory, const std::string& path);

/// Whether the cgroup at `path` below `directory` has others below it; true if it cannot be told.
bool has_subgroups(int directory, const std::string& path);

/// Whether `pid` is in the cgroup `path` or below it, as `/proc/PID/cgroup` says; true for a zombie
/// whose cgroup it was.
bool cgroup_has(const std::string& path_in_hierarchy, const std::string& controllers, pid_t pid);

/// Removes the cgroup and those below it; they must be empty. Errors are left for a later try.
void remove_cgroup(const std::string& path);

/// The path of a process in the hierarchy that has `controllers` in `/proc/PID/cgroup` (empty: v2).
/// Empty when it is in none. `pid` 0: this process.
std::string cgroup_path_of(pid_t pid, const std::string& controllers);

}  // namespace reeve::os
