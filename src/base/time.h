#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace reeve {

using Duration = std::chrono::nanoseconds;
using namespace std::chrono_literals;

/// The clock that never jumps: CLOCK_BOOTTIME, comparable between all processes of one boot.
/// It has no `now()`: the time is a parameter, handed down from the daemon's loop.
struct SteadyClock {
    using rep = Duration::rep;
    using period = Duration::period;
    using duration = Duration;
    using time_point = std::chrono::time_point<SteadyClock, Duration>;
    static constexpr bool is_steady = true;
};

using TimePoint = SteadyClock::time_point;

/// When something next wants to be called; nullopt: never.
using Deadline = std::optional<TimePoint>;

/// The earlier of two deadlines.
inline Deadline earliest(Deadline a, Deadline b) {
    if (!a) return b;
    if (!b) return a;
    return *a < *b ? a : b;
}

/// Seconds and parts since 1970, for display and for records only: it may jump.
struct WallTime {
    std::int64_t nanoseconds = 0;
    friend bool operator==(const WallTime&, const WallTime&) = default;
};

/// `2026-11-20T12:17:24.123456Z`.
std::string to_text(WallTime time);

/// A length of time as people say it: `350ms`, `12s`, `4m10s`, `3h05m`, `2d04h`.
std::string to_text(Duration duration);

}  // namespace reeve
