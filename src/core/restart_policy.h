#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "base/time.h"
#include "spec/restart_spec.h"
#include "status/exit.h"

namespace reeve::core {

/// A start that came to nothing: a step before or at exec failed, a hook said no, or it never
/// became ready.
struct StartFailure {
    bool program_missing = false;  // trying again changes nothing until something else changes
    friend bool operator==(const StartFailure&, const StartFailure&) = default;
};

/// One end of a main process that nobody asked for. What was asked for is never told to a policy.
struct End {
    std::variant<status::Exit, StartFailure> how;
    Duration lived{};                   // since the program was executed
    std::optional<Duration> ready_for;  // nullopt: it never became ready
};

/// Start again at this time, which may be now.
struct RestartAt {
    TimePoint at;
    bool crash_looping = false;
    friend bool operator==(const RestartAt&, const RestartAt&) = default;
};

/// It has done its work: no restart, no complaint.
struct StayDown {
    friend bool operator==(const StayDown&, const StayDown&) = default;
};

/// No restart until an operator, a new configuration or a new release changes something.
struct GiveUp {
    friend bool operator==(const GiveUp&, const GiveUp&) = default;
};

using Decision = std::variant<RestartAt, StayDown, GiveUp>;

/// Decides after each end whether and when to start again. Holds only what it remembers of earlier
/// ends; the rule is handed in each time, so that it can be changed live.
///
/// `auto`: the k-th end in a row pauses first_pause (k = 1; none after good service), then
/// pause_unit * 2^(k-2), capped, then varied by the jitter. `docker`: see DockerRestart.
class RestartPolicy {
public:
    Decision after_end(const spec::RestartSpec& rule, const End& end, TimePoint now,
                       Random& random);

    /// Forgets every earlier end: an operator's start, a changed configuration.
    void forget();

    /// Ends in a row, as they count for the next pause.
    std::uint32_t ends() const { return ends_; }

    /// For the journal.
    void write(ByteWriter& writer) const;
    static RestartPolicy read(ByteReader& reader);

private:
    Decision decide(const spec::AutoRestart& rule, const End& end, TimePoint now, Random& random);
    Decision decide(const spec::DockerRestart& rule, const End& end, TimePoint now);
    static Decision decide(const spec::NoRestart& rule, const End& end);
    bool note_unstable(const spec::AutoRestart& rule, TimePoint now);

    std::uint32_t ends_ = 0;
    Duration docker_pause_{};          // the last one; zero: none yet
    std::vector<TimePoint> unstable_;  // the latest unstable ends, at most crash_loop_ends
};

}  // namespace reeve::core
