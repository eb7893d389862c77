#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "os/process.h"

namespace reeve::drivers {

/// What some processes use together.
struct Usage {
    std::uint64_t resident_bytes = 0;
    std::map<pid_t, std::int64_t> cpu_ticks;  // of each
    double lifetime_percent = 0;              // each one's processor time by its age, summed up
};

/// All processes of the machine at one moment: one look at /proc serves every check that is due.
class ProcessTable {
public:
    /// Looks now. `now_ticks`: the machine's uptime in clock ticks.
    static ProcessTable read(std::int64_t now_ticks);
    /// For tests.
    ProcessTable(std::unordered_map<pid_t, os::ProcessStat> processes, std::int64_t now_ticks);

    /// nullptr: there is no such process.
    const os::ProcessStat* find(pid_t pid) const;

    /// The process, and whoever descends from it.
    std::vector<pid_t> with_descendants(pid_t pid) const;

    /// What these use; those that have gone use nothing.
    Usage usage_of(const std::vector<pid_t>& pids) const;

    /// How long a process has lived, in ticks; 0: it does not.
    std::int64_t age_ticks(pid_t pid) const;

private:
    std::unordered_map<pid_t, os::ProcessStat> processes_;
    std::unordered_map<pid_t, std::vector<pid_t>> children_;
    std::int64_t now_ticks_ = 0;
};

}  // namespace reeve::drivers
