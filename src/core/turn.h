#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "core/action.h"
#include "core/needs_view.h"
#include "core/run.h"
#include "core/start_brake.h"
#include "spec/named_event.h"

namespace reeve::core {

/// Names an instance inside the manager: short, never used again.
using InstanceId = std::uint32_t;

/// One cause stands behind the transitions of many instances, hence shared.
using SharedCause = std::shared_ptr<const status::Cause>;

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

/// A moment of a job's life, for everybody who waits for such an event.
struct Announced {
    spec::NamedEvent event;
    SharedCause cause;
    bool is_waited_for = false;  // the job goes on (Instance::proceed) when the event is over
};

/// A job is where whoever started or stopped it wanted it to be, or failed on the way.
struct JobFinished {
    bool failed = false;
};

/// What the lives of jobs have to tell their manager, in the order of its happening.
using JobNews = std::vector<std::pair<InstanceId, std::variant<Announced, JobFinished>>>;

/// What the handlers of one event have at hand.
struct Turn {
    TimePoint now;
    Actions& out;
    Random& random;
    StartBrake& brake;
    RunTable& runs;
    const NeedsView& needs;
    std::uint64_t& last_cause;  // ids of causes grow
    JobNews& news;
    bool shutting_down = false;  // every goal counts as down
};

}  // namespace reeve::core
