#pragma once

#include <cstdint>
#include <unordered_map>

#include "base/random.h"
#include "base/time.h"
#include "core/action.h"
#include "core/needs_view.h"
#include "core/run.h"
#include "core/start_brake.h"

namespace reeve::core {

/// Names an instance inside the manager: short, never used again.
using InstanceId = std::uint32_t;

/// Gives RunIds, and knows which instance each run belongs to.
class RunTable {
public:
    explicit RunTable(std::uint32_t epoch) : epoch_(epoch) {}

    RunId add(InstanceId owner) {
        const RunId run = RunId{epoch_} << 32 | ++last_number_;
        owners_.emplace(run, owner);
        return run;
    }
    void restore(RunId run, InstanceId owner) { owners_.emplace(run, owner); }
    void erase(RunId run) { owners_.erase(run); }

    /// The owner, or nullptr for a run that is over or never was.
    const InstanceId* find(RunId run) const {
        const auto found = owners_.find(run);
        return found == owners_.end() ? nullptr : &found->second;
    }
    bool is_empty() const { return owners_.empty(); }
    std::uint32_t last_number() const { return last_number_; }
    void restore_last_number(std::uint32_t number) { last_number_ = number; }

private:
    std::uint32_t epoch_;
    std::uint32_t last_number_ = 0;
    std::unordered_map<RunId, InstanceId> owners_;
};

/// What the handlers of one event have at hand.
struct Turn {
    TimePoint now;
    Actions& out;
    Random& random;
    StartBrake& brake;
    RunTable& runs;
    const NeedsView& needs;
    std::uint64_t& last_cause;   // ids of causes grow
    bool shutting_down = false;  // every goal counts as down
};

}  // namespace reeve::core
