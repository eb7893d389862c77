#include "drivers/process_table.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace reeve::drivers {

ProcessTable::ProcessTable(std::unordered_map<pid_t, os::ProcessStat> processes,
                           std::int64_t now_ticks)
    : processes_(processes.begin(), processes.end()), complete_(true), now_ticks_(now_ticks) {
    note_children();
}

void ProcessTable::read_all() {
    if (std::exchange(complete_, true)) return;
    os::for_each_process([this](pid_t pid) {
        if (!processes_.contains(pid)) processes_.emplace(pid, os::read_process_stat(pid));
    });
    note_children();
}

void ProcessTable::note_children() {
    for (const auto& [pid, stat] : processes_) {
        if (stat) children_[stat->parent].push_back(pid);
    }
}

const os::ProcessStat* ProcessTable::find(pid_t pid) {
    auto found = processes_.find(pid);
    if (found == processes_.end()) {
        if (complete_) return nullptr;
        found = processes_.emplace(pid, os::read_process_stat(pid)).first;
    }
    return found->second ? &*found->second : nullptr;
}

std::vector<pid_t> ProcessTable::with_descendants(pid_t pid) {
    read_all();
    std::vector<pid_t> found;
    if (find(pid) == nullptr) return found;
    found.push_back(pid);
    // Processes come and go while they are read: a parent may seem to be its own descendant.
    for (std::size_t i = 0; i < found.size() && found.size() <= processes_.size(); ++i) {
        const auto children = children_.find(found[i]);
        if (children == children_.end()) continue;
        found.insert(found.end(), children->second.begin(), children->second.end());
    }
    return found;
}

std::int64_t ProcessTable::age_ticks(pid_t pid) {
    const os::ProcessStat* stat = find(pid);
    if (stat == nullptr) return 0;
    return std::max<std::int64_t>(now_ticks_ - static_cast<std::int64_t>(stat->start_ticks), 0);
}

Usage ProcessTable::usage_of(const std::vector<pid_t>& pids) {
    static const auto kPageBytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    Usage usage;
    for (const pid_t pid : pids) {
        const os::ProcessStat* stat = find(pid);
        if (stat == nullptr) continue;
        usage.resident_bytes += stat->resident_pages * kPageBytes;
        usage.cpu_ticks[pid] = stat->cpu_ticks;
        const auto age = static_cast<double>(std::max<std::int64_t>(age_ticks(pid), 1));
        usage.lifetime_percent += 100.0 * static_cast<double>(stat->cpu_ticks) / age;
    }
    return usage;
}

}  // namespace reeve::drivers
