#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "os/containment.h"

namespace reeve::os {

/// One limit on all processes of a run together.
struct GroupLimit {
    enum class Kind {
        MemoryMax,   // bytes
        MemoryHigh,  // bytes
        MemoryLow,   // bytes
        SwapMax,     // bytes
        Cpu,         // hundredths of a percent of one processor
        CpuWeight,   // 1 to 10,000, others have 100
        Processes
    };
    Kind kind = Kind::MemoryMax;
    std::uint64_t value = 0;
};

/// What became of the limits of one run.
struct LimitedGroup {
    std::vector<std::string> files_to_join;  // v1: the child writes 0 there
    std::vector<std::string> outcomes;       // `memory 64 MiB`, `cpu 50 %, not applied: why`
};

/// Applies limits in the way the machine offers: in the run's own cgroup (v2), or in groups of the
/// v1 hierarchies that are made for a limit that is set, and for no other run. What cannot be
/// applied is told, and holds up nothing.
class GroupLimiter {
public:
    /// `containment` must outlive this.
    explicit GroupLimiter(const Containment& containment) : containment_(containment) {}

    /// `instance` is `APP/SERVICE.N`, escaped; `run` its id in hex. May be called again.
    LimitedGroup apply(const std::string& instance, const std::string& run,
                       const std::vector<GroupLimit>& limits) const;

    /// Whether the kernel has killed a process of the run for its memory limit.
    bool has_killed(const std::string& instance, const std::string& run) const;

    /// Whether the groups of an ended run are as good as new ones for the next run: the kernel has
    /// killed nobody there, nobody is left in them, and little memory is still charged to them (a
    /// file on tmpfs outlives who wrote it).
    bool are_as_new(const std::string& instance, const std::string& run,
                    const std::vector<GroupLimit>& limits) const;

    /// Removes what `apply` has made for an ended run.
    void remove(const std::string& instance, const std::string& run) const;

private:
    std::string find_v1_base(const std::string& controller) const;
    std::string v1_base(const std::string& controller) const;
    std::string v1_group(const std::string& controller, const std::string& instance,
                         const std::string& run) const;
    bool has_strangers(const std::string& instance, const std::string& run,
                       const std::vector<GroupLimit>& limits) const;
    std::string memory_group(const std::string& instance, const std::string& run) const;
    bool is_v2() const { return containment_.mode() == ContainmentMode::V2; }

    const Containment& containment_;
    mutable std::map<std::string, std::string>
        v1_bases_;  // by controller; where reeve's groups are
};

/// `memory 64 MiB`, `cpu 50 %`, `processes 100`.
std::string to_text(const GroupLimit& limit);

/// How often the text of memory.events (v2) or memory.oom_control (v1) says that a process was
/// killed.
std::uint64_t oom_kills_in(const std::string& text);

}  // namespace reeve::os
