#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/time.h"
#include "drivers/process_source.h"

namespace reeve::drivers {

/// What some processes use together.
struct Usage {
    std::uint64_t resident_bytes = 0;
    std::vector<std::pair<pid_t, Duration>> cpu;  // of each, in ascending order of the pids
    double lifetime_percent = 0;                  // each one's processor time by its age, summed up
};

/// The machine's processes, for every check that is due: in one look each is measured once at most,
/// when it is asked for. Who descends from whom is remembered from look to look, so that only those
/// that are new since then are looked at.
class ProcessTable {
public:
    /// `source` must outlive the table.
    explicit ProcessTable(ProcessSource& source) : source_(source) {}

    /// What is asked from here on is asked of this moment. `uptime_ticks`: of the machine, in clock
    /// ticks.
    void begin_look(TimePoint now, std::int64_t uptime_ticks);

    /// nullopt: there is no such process.
    std::optional<os::ProcessStat> find(pid_t pid) { return source_.stat(pid); }

    /// The process, and whoever descends from it; nobody if there is no such process.
    std::vector<pid_t> with_descendants(pid_t pid);

    /// What these use; those that have gone use nothing.
    Usage usage_of(std::vector<pid_t> pids);

    /// How long a process has lived, in ticks; 0: it does not.
    std::int64_t age_ticks(pid_t pid);

private:
    /// Where the search for new processes begins.
    struct Mark {
        os::Births births;
        TimePoint at;
    };
    const std::optional<os::ProcessUsage>& measured(pid_t pid);
    std::vector<pid_t> family_of(pid_t pid) const;
    void find_new();
    void read_all();
    void read_between(pid_t after, pid_t last);
    bool is_far(const os::Births& now) const;
    void read_parent(pid_t pid);
    void leave_parent(pid_t pid);

    ProcessSource& source_;
    TimePoint now_;
    std::int64_t uptime_ticks_ = 0;
    std::unordered_map<pid_t, std::optional<os::ProcessUsage>> usage_;  // of this look

    bool searched_ = false;  // in this look
    std::unordered_map<pid_t, pid_t> parents_;
    std::unordered_map<pid_t, std::vector<pid_t>> children_;
    std::optional<os::Births> latest_;  // of the latest search
    std::optional<Mark> from_;          // who was given a number before it is known, or has gone
    std::optional<Mark> next_;          // what `from_` becomes
    std::size_t known_when_all_read_ = 0;
};

}  // namespace reeve::drivers
