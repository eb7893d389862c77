#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "os/process.h"

namespace reeve::os {

/// The processes of runs that no cgroup keeps together. One belongs to a run whose environment
/// holds the mark `REEVE_RUN=ID`, who is or was in the session of the run's main process, or who
/// descends from such a one. What is not in doubt is not looked for again: a pass over all
/// processes takes tens of milliseconds where a thousand of them run.
class MarkedProcesses {
public:
    /// The live processes of a run, zombies not among them: a pass over all processes.
    /// `main_pid` is or was the main process; 0: it is not known.
    std::vector<pid_t> members(const std::string& run, pid_t main_pid);

    /// Whether this process belongs to the run right now: a look at it and its ancestors.
    bool has(const std::string& run, pid_t main_pid, pid_t pid);

    /// Whether the run, which had begun at `begun`, has no live process. No pass is made while one
    /// that was seen lives on, nor where the last one saw none and is younger than the run.
    bool is_empty(const std::string& run, pid_t main_pid, TimePoint begun);

private:
    /// An environment that was read. It is the same until the process is another or executes
    /// something, which shows in its name.
    struct Read {
        std::uint64_t start_ticks = 0;
        std::string name;
        std::string mark;
    };
    struct Seen {
        pid_t pid = 0;
        ProcessStat stat;
        std::string mark;
    };
    struct Witness {
        pid_t pid = 0;
        std::uint64_t start_ticks = 0;
    };

    void look_at_all();
    const std::string& mark_of(pid_t pid, const ProcessStat& stat);
    std::vector<const Seen*> seen_of(const std::string& run, pid_t main_pid) const;

    std::vector<Seen> seen_;  // in the last pass
    TimePoint looked_at_;     // when that began
    std::unordered_map<pid_t, Read> read_;
    std::unordered_map<std::string, Witness> witnesses_;  // by run: a process of it
};

}  // namespace reeve::os
