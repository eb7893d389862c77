#include "os/marked_processes.h"

#include <optional>
#include <utility>

namespace reeve::os {
namespace {

constexpr const char* kMark = "REEVE_RUN";
/// Deeper than any real tree: processes come and go while they are read, and a parent may seem to
/// be its own descendant.
constexpr int kAncestorsMax = 1000;

std::optional<ProcessStat> living(pid_t pid) {
    std::optional<ProcessStat> stat = read_process_stat(pid);
    if (stat && (stat->state == 'Z' || stat->state == 'X')) stat.reset();
    return stat;
}

}  // namespace

const std::string& MarkedProcesses::mark_of(pid_t pid, const ProcessStat& stat) {
    Read& read = read_[pid];
    if (read.start_ticks == stat.start_ticks && read.name == stat.name) return read.mark;
    // In the midst of an exec the name is new, and the environment not there yet.
    std::optional<std::string> mark = environment_of(pid, kMark);
    read.start_ticks = mark ? stat.start_ticks : 0;
    read.name = stat.name;
    read.mark = std::move(mark).value_or("");
    return read.mark;
}

bool MarkedProcesses::is_marked(const std::string& run, pid_t main_pid, pid_t pid,
                                const ProcessStat& stat) {
    if (main_pid > 0 && (pid == main_pid || stat.session == main_pid)) return true;
    return mark_of(pid, stat) == run;
}

std::vector<pid_t> MarkedProcesses::members(const std::string& run, pid_t main_pid) {
    std::unordered_map<pid_t, ProcessStat> all;
    std::unordered_map<pid_t, std::vector<pid_t>> children;
    std::vector<pid_t> found;
    for_each_process([&](pid_t pid) {
        const std::optional<ProcessStat> stat = living(pid);
        if (!stat) return;
        if (is_marked(run, main_pid, pid, *stat)) {
            found.push_back(pid);
        } else {
            children[stat->parent].push_back(pid);
        }
        all.emplace(pid, *stat);
    });
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto below = children.find(found[i]);
        if (below == children.end()) continue;
        found.insert(found.end(), below->second.begin(), below->second.end());
        children.erase(below);
    }
    forget_the_gone(all);
    if (!found.empty()) witnesses_[run] = {found.back(), all.at(found.back()).start_ticks};
    return found;
}

void MarkedProcesses::forget_the_gone(const std::unordered_map<pid_t, ProcessStat>& living) {
    std::erase_if(read_, [&](const auto& entry) { return !living.contains(entry.first); });
    std::erase_if(witnesses_,
                  [&](const auto& entry) { return !living.contains(entry.second.pid); });
}

bool MarkedProcesses::has(const std::string& run, pid_t main_pid, pid_t pid) {
    for (int i = 0; i < kAncestorsMax && pid > 0; ++i) {
        const std::optional<ProcessStat> stat = living(pid);
        if (!stat) return false;
        if (is_marked(run, main_pid, pid, *stat)) return true;
        pid = stat->parent;
    }
    return false;
}

bool MarkedProcesses::is_empty(const std::string& run, pid_t main_pid) {
    const auto seen = witnesses_.find(run);
    if (seen != witnesses_.end()) {
        const std::optional<ProcessStat> stat = living(seen->second.pid);
        if (stat && stat->start_ticks == seen->second.start_ticks) return false;
    }
    return members(run, main_pid).empty();
}

}  // namespace reeve::os
