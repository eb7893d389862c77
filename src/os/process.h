#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "os/fd.h"

namespace reeve::os {

/// What `/proc/PID/stat` tells of a process.
struct ProcessStat {
    std::string name;  // of its program, or as it has named itself: 15 bytes at most
    char state = '?';  // `Z`: ended, not reaped
    pid_t parent = 0;
    pid_t group = 0;
    pid_t session = 0;
    std::uint64_t start_ticks = 0;  // with the pid and the boot: its identity
    std::int64_t cpu_ticks = 0;     // user and system, of sysconf(_SC_CLK_TCK)
    std::uint64_t resident_pages = 0;
    int exit_status = 0;  // of a zombie, as waitpid(2) gives it; 0 without the right to see
};

/// Reads `/proc/PID/stat`; nullopt when there is no such process.
std::optional<ProcessStat> read_process_stat(pid_t pid);

/// Parses the text of `/proc/PID/stat`; nullopt when it is malformed.
std::optional<ProcessStat> parse_process_stat(const std::string& text);

/// pidfd_open(2).
Result<UniqueFd> open_pidfd(pid_t pid);

/// A signal through a pidfd: never reaches a later process with the same number. Fails with ESRCH
/// when the process has ended.
Result<void> send_signal(int pidfd, int signal);

/// How the process behind a pidfd ended, after somebody else has reaped it, as waitpid(2) gives it;
/// nullopt where the kernel does not tell (before 6.15).
std::optional<int> exit_status_after_reaping(int pidfd);

/// Whether this process may see the exit status of every child (CAP_SYS_PTRACE).
bool may_read_exit_statuses();

/// The process and all that descend from it, in one pass over /proc; zombies are left out.
std::vector<pid_t> with_descendants(pid_t pid);

/// Calls `visit(pid)` for every process.
void for_each_process(const std::function<void(pid_t)>& visit);

/// The value of a variable in the environment a process was executed with; empty: it has none.
/// nullopt: there is no environment to read, or no right; in the midst of an exec there is none.
std::optional<std::string> environment_of(pid_t pid, const std::string& name);

/// Identifies this boot of the machine.
std::string boot_id();

}  // namespace reeve::os
