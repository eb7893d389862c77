#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <unordered_set>

#include "core/run.h"

namespace reeve::core {

/// Lets a bounded number of runs be between clone and exec at one time; the others wait in line,
/// first come, first served (RunIds grow, so their order is the order of coming).
class StartBrake {
public:
    explicit StartBrake(std::uint32_t spawning_max) : spawning_max_(spawning_max) {}

    /// Whether the run may be spawned now; else it waits until `admit` names it.
    bool enter(RunId run);

    /// The run is executed, gone, hanging or no longer wanted; unknown ones are ignored.
    void leave(RunId run);

    /// The next run whose turn has come: from now on it counts as spawning.
    std::optional<RunId> admit();

    /// After a restore: these are as they were.
    void restore_spawning(RunId run) { spawning_.insert(run); }
    void restore_waiting(RunId run) { waiting_.insert(run); }

private:
    bool has_room() const { return spawning_.size() < spawning_max_; }

    std::uint32_t spawning_max_;
    std::unordered_set<RunId> spawning_;
    std::set<RunId> waiting_;
};

}  // namespace reeve::core
