#include "drivers/process_table.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace reeve::drivers {
namespace {

/// How long it takes at most from when a process is given its number until it can be seen.
constexpr Duration kBirthTime = 5s;
/// Where so many more numbers were given than processes are known, reading all of them is cheaper.
constexpr std::size_t kNumbersPerProcess = 16;
/// More may be known that have gone: then all are read.
constexpr std::size_t kGoneMax = 256;

Duration length_of_ticks(std::int64_t ticks) {
    static const std::int64_t kTicksPerSecond = ::sysconf(_SC_CLK_TCK);
    return std::chrono::milliseconds(ticks * 1000 / kTicksPerSecond);
}

}  // namespace

void ProcessTable::begin_look(TimePoint now, std::int64_t uptime_ticks) {
    now_ = now;
    uptime_ticks_ = uptime_ticks;
    usage_.clear();
    searched_ = false;
    source_.tidy(now);
}

const std::optional<os::ProcessUsage>& ProcessTable::measured(pid_t pid) {
    const auto found = usage_.find(pid);
    if (found != usage_.end()) return found->second;
    return usage_.emplace(pid, source_.usage(pid)).first->second;
}

std::int64_t ProcessTable::age_ticks(pid_t pid) {
    const std::optional<os::ProcessUsage>& usage = measured(pid);
    if (!usage) return 0;
    return std::max<std::int64_t>(uptime_ticks_ - static_cast<std::int64_t>(usage->start_ticks), 0);
}

Usage ProcessTable::usage_of(std::vector<pid_t> pids) {
    std::sort(pids.begin(), pids.end());
    pids.erase(std::unique(pids.begin(), pids.end()), pids.end());
    Usage sum;
    for (const pid_t pid : pids) {
        const std::optional<os::ProcessUsage>& usage = measured(pid);
        if (!usage) continue;
        sum.resident_bytes += usage->resident_bytes;
        sum.cpu.emplace_back(pid, usage->cpu);
        const Duration age = length_of_ticks(std::max<std::int64_t>(age_ticks(pid), 1));
        sum.lifetime_percent +=
            100.0 * static_cast<double>(usage->cpu.count()) / static_cast<double>(age.count());
    }
    return sum;
}

// ---- Families.

std::vector<pid_t> ProcessTable::with_descendants(pid_t pid) {
    find_new();
    std::vector<pid_t> family = family_of(pid);
    // As long as all of them live none has another parent than before.
    const bool all_live = std::all_of(family.begin(), family.end(), [this](pid_t one) {
        return measured(one) && measured(one)->has_memory;
    });
    if (family.size() > 1 && !all_live) {
        std::for_each(family.begin() + 1, family.end(), [this](pid_t one) { read_parent(one); });
        family = family_of(pid);
    }
    if (!measured(pid)) family.clear();
    return family;
}

std::vector<pid_t> ProcessTable::family_of(pid_t pid) const {
    std::vector<pid_t> found = {pid};
    // Processes come and go while they are read: a parent may seem to be its own descendant.
    for (std::size_t i = 0; i < found.size() && found.size() <= parents_.size(); ++i) {
        const auto children = children_.find(found[i]);
        if (children == children_.end()) continue;
        found.insert(found.end(), children->second.begin(), children->second.end());
    }
    return found;
}

void ProcessTable::find_new() {
    if (std::exchange(searched_, true)) return;
    const std::optional<os::Births> births = source_.births();
    if (births && latest_ && births->count == latest_->count) return;
    if (!births || (from_ && is_far(*births))) {
        from_.reset();
        next_.reset();
    }
    if (from_) {
        read_between(from_->births.latest, births->latest);
    } else {
        read_all();
    }
    latest_ = births;
    if (!births) return;
    if (next_ && now_ < next_->at + kBirthTime) return;
    if (next_) from_ = next_;
    next_ = Mark{*births, now_};
}

/// Whether it is not known, or costs too much to see, which numbers are new. They begin anew once
/// all were given.
bool ProcessTable::is_far(const os::Births& now) const {
    const os::Births& from = from_->births;
    if (now.latest < from.latest) return true;
    if (now.count - from.count > static_cast<std::uint64_t>(source_.pid_max()) / 4) return true;
    const auto numbers = static_cast<std::size_t>(now.latest - from.latest);
    return numbers > kNumbersPerProcess * parents_.size() ||
           parents_.size() > 2 * known_when_all_read_ + kGoneMax;
}

void ProcessTable::read_all() {
    parents_.clear();
    children_.clear();
    source_.for_each([this](pid_t pid) { read_parent(pid); });
    known_when_all_read_ = parents_.size();
}

void ProcessTable::read_between(pid_t after, pid_t last) {
    for (pid_t pid = after + 1; pid <= last; ++pid) {
        if (source_.exists(pid)) {
            read_parent(pid);
        } else {
            leave_parent(pid);
        }
    }
}

void ProcessTable::read_parent(pid_t pid) {
    leave_parent(pid);
    const std::optional<os::ProcessStat> stat = source_.stat(pid);
    if (!stat) return;
    parents_[pid] = stat->parent;
    children_[stat->parent].push_back(pid);
}

void ProcessTable::leave_parent(pid_t pid) {
    const auto known = parents_.find(pid);
    if (known == parents_.end()) return;
    const auto siblings = children_.find(known->second);
    std::erase(siblings->second, pid);
    if (siblings->second.empty()) children_.erase(siblings);
    parents_.erase(known);
}

}  // namespace reeve::drivers
