#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"

namespace reeve::core {

/// Names one spawn, for ever: keeper's epoch << 32 | n. Never used again, so that late news of an
/// older run changes nothing. Zero: no run.
using RunId = std::uint64_t;

/// What a run is for.
enum class RunRole {
    Main,
    PreStart,
    PostStart,
    PreStop,
    StopCommand,
    PostStop,
    RestartCommand,
    Check,     // the command of a check
    CheckStep  // a command that a check runs when it fires
};

using reeve::to_text;  // so that the next one does not hide it

/// `main`, `pre-start`.
std::string to_text(RunRole role);

/// The ports of an instance come in two pairs: 0 and 1, 2 and 3. A restart takes the other one of
/// its pair, a new release one of the other pair.
inline constexpr int kPortSlots = 4;

/// A process of this boot, told apart from a later one with the same number.
struct ProcessId {
    int pid = 0;                    // 0: none
    std::uint64_t start_ticks = 0;  // field 22 of /proc/PID/stat
    friend bool operator==(const ProcessId&, const ProcessId&) = default;
};

}  // namespace reeve::core
