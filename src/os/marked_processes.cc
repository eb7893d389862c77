#include "os/marked_processes.h"

#include <optional>
#include <unordered_set>
#include <utility>

#include "os/clock.h"

namespace reeve::os {
namespace {

constexpr const char* kMark = "REEVE_RUN";
/// Deeper than any real tree: processes come and go while they are read, and a parent may seem to
/// be its own descendant.
constexpr int kAncestorsMax = 1000;
/// A machine that forks all the time may have a new process each time.
constexpr int kRoundsMax = 20;

std::optional<ProcessStat> living(pid_t pid) {
    std::optional<ProcessStat> stat = read_process_stat(pid);
    if (stat && (stat->state == 'Z' || stat->state == 'X')) stat.reset();
    return stat;
}

bool is_marked(const std::string& run, pid_t main_pid, pid_t pid, const ProcessStat& stat,
               const std::string& mark) {
    return mark == run || (main_pid > 0 && (pid == main_pid || stat.session == main_pid));
}

}  // namespace

const std::string& MarkedProcesses::mark_of(pid_t pid, const ProcessStat& stat) {
    Read& read = read_[pid];
    const bool is_same = read.start_ticks == stat.start_ticks;
    if (is_same && read.name == stat.name) return read.mark;
    std::optional<std::string> mark = environment_of(pid, kMark);
    if (mark) {
        read = {stat.start_ticks, stat.name, *std::move(mark)};
    } else if (!is_same) {
        read = {stat.start_ticks, {}, {}};  // in the midst of an exec: next time again
    }
    return read.mark;
}

/// Until nobody comes that was not looked at: who was forked during the pass, by one that ended
/// before it was looked at, is seen too.
void MarkedProcesses::look_at_all() {
    looked_at_ = steady_now();
    seen_.clear();
    std::unordered_set<pid_t> all;
    bool grew = true;
    for (int round = 0; grew && round < kRoundsMax; ++round) {
        grew = false;
        for_each_process([&](pid_t pid) {
            if (!all.insert(pid).second) return;
            grew = true;
            std::optional<ProcessStat> stat = living(pid);
            if (!stat) return;
            const std::string& mark = mark_of(pid, *stat);
            seen_.push_back({pid, *std::move(stat), mark});
        });
    }
    std::erase_if(read_, [&](const auto& entry) { return !all.contains(entry.first); });
    std::erase_if(witnesses_, [&](const auto& entry) { return !all.contains(entry.second.pid); });
}

std::vector<const MarkedProcesses::Seen*> MarkedProcesses::seen_of(const std::string& run,
                                                                   pid_t main_pid) const {
    std::vector<const Seen*> found;
    std::unordered_multimap<pid_t, const Seen*> others;  // by parent
    for (const Seen& seen : seen_) {
        if (is_marked(run, main_pid, seen.pid, seen.stat, seen.mark)) {
            found.push_back(&seen);
        } else {
            others.emplace(seen.stat.parent, &seen);
        }
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto [first, last] = others.equal_range(found[i]->pid);
        for (auto child = first; child != last; ++child)
            found.push_back(child->second);
        others.erase(first, last);
    }
    return found;
}

std::vector<pid_t> MarkedProcesses::members(const std::string& run, pid_t main_pid) {
    look_at_all();
    std::vector<pid_t> pids;
    for (const Seen* seen : seen_of(run, main_pid)) {
        witnesses_[run] = {seen->pid, seen->stat.start_ticks};
        pids.push_back(seen->pid);
    }
    return pids;
}

bool MarkedProcesses::has(const std::string& run, pid_t main_pid, pid_t pid) {
    for (int i = 0; i < kAncestorsMax && pid > 0; ++i) {
        const std::optional<ProcessStat> stat = living(pid);
        if (!stat) return false;
        if (is_marked(run, main_pid, pid, *stat, mark_of(pid, *stat))) return true;
        pid = stat->parent;
    }
    return false;
}

bool MarkedProcesses::is_empty(const std::string& run, pid_t main_pid, TimePoint begun) {
    const auto witness = witnesses_.find(run);
    if (witness != witnesses_.end()) {
        const std::optional<ProcessStat> stat = living(witness->second.pid);
        if (stat && stat->start_ticks == witness->second.start_ticks) return false;
    }
    if (looked_at_ > begun && seen_of(run, main_pid).empty()) return true;
    return members(run, main_pid).empty();
}

}  // namespace reeve::os
