#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "core/check_history.h"
#include "spec/service.h"

namespace reeve::core {

/// Which checks of a main process are looked at.
enum class CheckPhase {
    None,
    Startup,  // those that gate its readiness
    Running   // the others
};

/// One check of one main process.
struct CheckState {
    CheckHistory history;
    Deadline due;  // the next sample; while asked: the end of the patience with it
    TimePoint asked_at;
    std::uint64_t number = 0;   // of the latest sample that was asked for
    bool asked = false;         // and not answered yet
    bool passed = false;        // Startup: it is through
    bool unready = false;       // Readiness: it has fired, and no sample has passed since
    std::uint32_t firings = 0;  // since a sample passed
};

/// What one sample led to.
struct CheckVerdict {
    bool fires = false;
    bool recovers = false;  // the first pass after it had fired
};

/// The checks of one main process: when each is due, what its samples say. Knows nothing of what
/// follows from them. The states stand in the order of the service's checks.
class RunChecks {
public:
    /// From now on these are looked at, with empty histories; nothing if they are already.
    void enter(CheckPhase phase, const spec::Service& service, TimePoint now);

    /// Begins anew, as after a change of the checks themselves.
    void restart(const spec::Service& service, TimePoint now);

    CheckPhase phase() const { return phase_; }
    bool is_active(const spec::Check& check) const;

    /// When `due_check` is to be asked.
    Deadline deadline() const;
    /// A check whose time has come, or nullopt.
    std::optional<std::uint32_t> due_check(TimePoint now) const;

    /// A sample is on its way, under the returned number, and is waited for until `patience`.
    std::uint64_t ask(std::uint32_t check, TimePoint now, TimePoint patience);

    /// Nobody's patience but that with the command it is asked of ends the wait.
    void wait_for_end(std::uint32_t check) { states_.at(check).due.reset(); }

    /// Takes in a sample and says when the next one is due.
    CheckVerdict add(std::uint32_t check, const spec::Check& spec, Sample sample, TimePoint now);

    /// WATCHDOG=1 was said.
    void ping(const spec::Service& service, TimePoint now);

    /// Whether every startup check is through.
    bool startup_passed(const spec::Service& service) const;
    /// Whether no readiness check says otherwise.
    bool is_ready() const;

    const CheckState& state(std::uint32_t check) const { return states_.at(check); }
    std::size_t size() const { return states_.size(); }

    /// For the journal.
    void write(ByteWriter& writer) const;
    static RunChecks read(ByteReader& reader, const spec::Service& service);

private:
    CheckPhase phase_ = CheckPhase::None;
    std::uint64_t last_number_ = 0;  // never used again: late answers are told by it
    std::vector<CheckState> states_;
};

/// Whole seconds of the clock, if the pause is one or more: checks that are due in the same second
/// are served by one look at /proc.
TimePoint aligned(TimePoint due, Duration every);

}  // namespace reeve::core
