#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "spec/restart_spec.h"
#include "status/exit.h"

// What each restart rule decides about one end: pure functions, one file for each rule.
namespace reeve::core {

/// A start that came to nothing: a step before or at exec failed, a hook said no, or it never
/// became ready.
struct StartFailure {
    bool program_missing = false;  // trying again changes nothing until something else changes
    friend bool operator==(const StartFailure&, const StartFailure&) = default;
};

/// A check fired, and the process is ended for it.
struct CheckFailure {
    friend bool operator==(const CheckFailure&, const CheckFailure&) = default;
};

/// One end of a main process that nobody asked for. What was asked for is never told to a policy.
struct End {
    std::variant<status::Exit, StartFailure, CheckFailure> how;
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
    bool too_often = false;  // it was started again, up to a limit
    friend bool operator==(const GiveUp&, const GiveUp&) = default;
};

using Decision = std::variant<RestartAt, StayDown, GiveUp>;

/// What a rule remembers of earlier ends. Each uses the part that it needs.
struct RestartMemory {
    std::uint32_t ends = 0;          // in a row, as they count for the next pause
    Duration pause{};                // the last one; zero: none yet
    std::vector<TimePoint> moments;  // the latest unstable ends, or starts; oldest first
    Deadline window_begin;           // of the fixed window that starts or ends are counted in
    std::uint32_t window_count = 0;  // in that window
    friend bool operator==(const RestartMemory&, const RestartMemory&) = default;
};

/// One end under one rule, and what that leaves in the memory.
Decision decide(const spec::AutoRestart& rule, const End& end, TimePoint now, Random& random,
                RestartMemory& memory);
Decision decide(const spec::DockerRestart& rule, const End& end, TimePoint now,
                RestartMemory& memory);
Decision decide(const spec::UpstartRestart& rule, const End& end, TimePoint now,
                RestartMemory& memory);
Decision decide(const spec::SystemdRestart& rule, const End& end, TimePoint now,
                RestartMemory& memory);
Decision decide(const spec::SupervisordRestart& rule, const End& end, TimePoint now,
                RestartMemory& memory);
Decision decide(const spec::BluepillRestart& rule, const End& end, TimePoint now,
                RestartMemory& memory);

/// Down after a success, given up after anything else.
Decision no_restart(const End& end);

/// Whether its main process exited with code 0.
bool is_success(const End& end);

/// The exit code, or nullptr where it did not end by an exit.
const status::ExitCode* exit_code(const End& end);

/// The signal that ended it, or nullptr.
const status::ExitSignal* exit_signal(const End& end);

}  // namespace reeve::core
