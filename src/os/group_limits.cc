#include "os/group_limits.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "os/cgroup.h"
#include "os/fd.h"

namespace reeve::os {
namespace {

using Kind = GroupLimit::Kind;

constexpr std::uint64_t kPeriodMicroseconds = 100'000;
constexpr const char* kV1Root = "/sys/fs/cgroup";
constexpr std::size_t kFileBytesMax = 4096;
/// So much of the memory that a run may use is little: one part of.
constexpr std::uint64_t kChargedShare = 8;

/// One file of a cgroup and what is written there.
struct Setting {
    std::string controller;
    std::string file;
    std::string value;
};

std::uint64_t quota_of(std::uint64_t percent_hundredths) {
    return percent_hundredths * kPeriodMicroseconds / 10'000;
}

Setting v2_setting(const GroupLimit& limit) {
    const std::string value = std::to_string(limit.value);
    switch (limit.kind) {
        case Kind::MemoryMax:
            return {"memory", "memory.max", value};
        case Kind::MemoryHigh:
            return {"memory", "memory.high", value};
        case Kind::MemoryLow:
            return {"memory", "memory.low", value};
        case Kind::SwapMax:
            return {"memory", "memory.swap.max", value};
        case Kind::Cpu:
            return {
                "cpu", "cpu.max",
                std::to_string(quota_of(limit.value)) + " " + std::to_string(kPeriodMicroseconds)};
        case Kind::CpuWeight:
            return {"cpu", "cpu.weight", value};
        case Kind::Processes:
            return {"pids", "pids.max", value};
    }
    return {};  // every kind was answered above
}

/// An empty file: v1 has nothing like it.
Setting v1_setting(const GroupLimit& limit) {
    const std::string value = std::to_string(limit.value);
    switch (limit.kind) {
        case Kind::MemoryMax:
            return {"memory", "memory.limit_in_bytes", value};
        case Kind::MemoryHigh:
            return {"memory", "memory.soft_limit_in_bytes", value};
        case Kind::MemoryLow:
        case Kind::SwapMax:
            return {"memory", "", ""};
        case Kind::Cpu:
            return {"cpu", "cpu.cfs_quota_us", std::to_string(quota_of(limit.value))};
        case Kind::CpuWeight:
            return {"cpu", "cpu.shares", std::to_string(limit.value * 1024 / 100)};
        case Kind::Processes:
            return {"pids", "pids.max", value};
    }
    return {};  // every kind was answered above
}

/// All but the first of an app's groups need the one directory only.
Result<void> make_group(const std::string& path) {
    if (::mkdir(path.c_str(), 0755) == 0 || errno == EEXIST) return {};
    return make_directories(path, 0755);
}

/// Lets the groups below `base` have the controller, down to the parent of `group`.
void delegate(const std::string& base, const std::string& group, const std::string& controller) {
    const std::string above = base.substr(0, base.rfind('/'));
    // Each may be refused: the value that is written in the end tells.
    (void)write_file(above + "/cgroup.subtree_control", "+" + controller);
    std::size_t end = base.size();
    while (end != std::string::npos && end < group.size()) {
        (void)write_file(group.substr(0, end) + "/cgroup.subtree_control", "+" + controller);
        end = group.find('/', end + 1);
    }
}

std::string apply_v2(const std::string& base, const std::string& group, const GroupLimit& limit) {
    const Setting setting = v2_setting(limit);
    const std::string file = group + "/" + setting.file;
    if (::access(file.c_str(), F_OK) != 0) delegate(base, group, setting.controller);
    if (::access(file.c_str(), F_OK) != 0) {
        return "the " + setting.controller + " controller is not delegated to " + base;
    }
    const Result<void> written = write_file(file, setting.value);
    return written ? "" : written.error().message;
}

}  // namespace

std::string to_text(const GroupLimit& limit) {
    const auto bytes = [&] {
        constexpr std::uint64_t kMebi = 1024 * 1024;
        return limit.value % kMebi == 0 ? std::to_string(limit.value / kMebi) + " MiB"
                                        : std::to_string(limit.value) + " bytes";
    };
    switch (limit.kind) {
        case Kind::MemoryMax:
            return "memory " + bytes();
        case Kind::MemoryHigh:
            return "memory slowed above " + bytes();
        case Kind::MemoryLow:
            return "memory protected up to " + bytes();
        case Kind::SwapMax:
            return "swap " + bytes();
        case Kind::Cpu: {
            const std::uint64_t rest = limit.value % 100;
            std::string text = "cpu " + std::to_string(limit.value / 100);
            if (rest != 0) text += (rest < 10 ? ".0" : ".") + std::to_string(rest);
            return text + " %";
        }
        case Kind::CpuWeight:
            return "cpu weight " + std::to_string(limit.value);
        case Kind::Processes:
            return "processes " + std::to_string(limit.value);
    }
    return {};  // every kind was answered above
}

std::uint64_t oom_kills_in(const std::string& text) {
    for (const std::string_view line : split(text, '\n')) {
        const std::vector<std::string_view> fields = words(line);
        if (fields.size() != 2 || fields[0] != "oom_kill") continue;
        const Result<std::int64_t> count = parse_integer(fields[1]);
        return count && *count > 0 ? static_cast<std::uint64_t>(*count) : 0;
    }
    return 0;
}

/// Where reeve's groups are in the v1 hierarchy of a controller; empty: the machine has none.
std::string GroupLimiter::find_v1_base(const std::string& controller) const {
    const std::string& base = containment_.base();
    const std::string name = base.empty() ? "reeve" : base.substr(base.rfind('/') + 1);
    for (const std::string& columns : {controller, controller + "," + controller + "acct"}) {
        std::string own = cgroup_path_of(0, columns);
        if (own.empty()) continue;
        own = own == "/" ? "" : own.substr(0, own.find("/" + name));
        const std::string root = std::string(kV1Root) + "/" + columns;
        const std::string above = ::access((root + own).c_str(), W_OK) == 0 ? root + own : root;
        return above + "/" + name;
    }
    return {};
}

std::string GroupLimiter::v1_base(const std::string& controller) const {
    const auto known = v1_bases_.find(controller);
    if (known != v1_bases_.end()) return known->second;
    std::string base = find_v1_base(controller);
    if (!base.empty()) v1_bases_[controller] = base;
    return base;
}

std::string GroupLimiter::v1_group(const std::string& controller, const std::string& instance,
                                   const std::string& run) const {
    const std::string base = v1_base(controller);
    return base.empty() ? "" : base + "/" + run_directory(instance, run);
}

std::string GroupLimiter::memory_group(const std::string& instance, const std::string& run) const {
    return is_v2() ? containment_.group_of(instance, run).path : v1_group("memory", instance, run);
}

LimitedGroup GroupLimiter::apply(const std::string& instance, const std::string& run,
                                 const std::vector<GroupLimit>& limits) const {
    LimitedGroup result;
    for (const GroupLimit& limit : limits) {
        std::string problem;
        const Setting setting = v1_setting(limit);
        if (is_v2()) {
            problem =
                apply_v2(containment_.base(), containment_.group_of(instance, run).path, limit);
        } else if (setting.file.empty()) {
            problem = "cgroup v1 has no such limit";
        } else {
            const std::string group = v1_group(setting.controller, instance, run);
            Result<void> done = group.empty()
                                    ? Error{"there is no cgroup controller " + setting.controller}
                                    : make_group(group);
            if (done) done = write_file(group + "/" + setting.file, setting.value);
            const std::string tasks = group + "/tasks";
            const auto known =
                std::find(result.files_to_join.begin(), result.files_to_join.end(), tasks);
            if (done && known == result.files_to_join.end()) result.files_to_join.push_back(tasks);
            if (!done) problem = done.error().message;
        }
        const std::string text = to_text(limit);
        result.outcomes.push_back(problem.empty() ? text : text + ", not applied: " + problem);
    }
    return result;
}

bool GroupLimiter::has_killed(const std::string& instance, const std::string& run) const {
    const std::string group = memory_group(instance, run);
    if (group.empty()) return false;
    const Result<std::string> text =
        read_file(group + (is_v2() ? "/memory.events" : "/memory.oom_control"), kFileBytesMax);
    return text && oom_kills_in(*text) > 0;
}

bool GroupLimiter::are_as_new(const std::string& instance, const std::string& run,
                              const std::vector<GroupLimit>& limits) const {
    if (has_killed(instance, run) || has_strangers(instance, run, limits)) return false;
    std::optional<std::uint64_t> bound;
    for (const GroupLimit& limit : limits) {
        if (limit.kind == Kind::MemoryMax || limit.kind == Kind::MemoryHigh)
            bound = std::min(bound.value_or(limit.value), limit.value);
    }
    if (!bound) return true;
    const std::string group = memory_group(instance, run);
    const Result<std::string> text =
        read_file(group + (is_v2() ? "/memory.current" : "/memory.usage_in_bytes"), kFileBytesMax);
    const Result<std::int64_t> left = parse_integer(text ? trim(*text) : "");
    return left && static_cast<std::uint64_t>(*left) <= *bound / kChargedShare;
}

/// A process that was moved out of the run's own group (to a session of its own, say) stays in
/// those of version 1.
bool GroupLimiter::has_strangers(const std::string& instance, const std::string& run,
                                 const std::vector<GroupLimit>& limits) const {
    if (is_v2()) return false;
    return std::any_of(limits.begin(), limits.end(), [&](const GroupLimit& limit) {
        const std::string group = v1_group(v1_setting(limit).controller, instance, run);
        const Result<std::string> text = read_file(group + "/cgroup.procs", kFileBytesMax);
        return text && !text->empty();
    });
}

void GroupLimiter::remove(const std::string& instance, const std::string& run) const {
    if (is_v2()) return;  // with the run's own group
    for (const char* controller : {"memory", "cpu", "pids"}) {
        const std::string group = v1_group(controller, instance, run);
        if (group.empty() || ::rmdir(group.c_str()) != 0) continue;
        // The app's and that of this reeve, when this was the last.
        std::string above = group;
        for (int level = 0; level < 2; ++level) {
            above.erase(above.rfind('/'));
            if (above == containment_.base() || ::rmdir(above.c_str()) != 0) break;
        }
    }
}

}  // namespace reeve::os
