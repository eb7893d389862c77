#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
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

/// The machine's processes at one moment, for every check that is due: each is looked at once, when
/// it is asked for, and all of them when somebody's descendants are.
class ProcessTable {
public:
    /// `now_ticks`: the machine's uptime in clock ticks.
    explicit ProcessTable(std::int64_t now_ticks) : now_ticks_(now_ticks) {}
    /// For tests: these, and no others.
    ProcessTable(std::unordered_map<pid_t, os::ProcessStat> processes, std::int64_t now_ticks);

    /// nullptr: there is no such process.
    const os::ProcessStat* find(pid_t pid);

    /// The process, and whoever descends from it.
    std::vector<pid_t> with_descendants(pid_t pid);

    /// What these use; those that have gone use nothing.
    Usage usage_of(const std::vector<pid_t>& pids);

    /// How long a process has lived, in ticks; 0: it does not.
    std::int64_t age_ticks(pid_t pid);

private:
    void read_all();
    void note_children();

    std::unordered_map<pid_t, std::optional<os::ProcessStat>> processes_;  // none: looked for
    std::unordered_map<pid_t, std::vector<pid_t>> children_;
    bool complete_ = false;
    std::int64_t now_ticks_ = 0;
};

}  // namespace reeve::drivers
