#pragma once

#include <gtest/gtest.h>

#include "core/restart_policy.h"

// What the tests of the restart rules share.
namespace reeve::core {

inline const status::Exit kFailure = status::ExitCode{1};
inline const status::Exit kSuccess = status::ExitCode{0};

/// A failure after it was ready for its whole life.
inline End end_after(Duration lived) {
    return End{kFailure, lived, lived};
}

/// What a process that always fails after `lived` makes of a rule.
struct Tally {
    int in_a_minute = 0;
    int in_an_hour = 0;
    Duration given_up_at{};  // zero: it is still tried
};

inline Tally tally(const spec::RestartSpec& rule, Duration lived) {
    RestartPolicy policy;
    Random random(1);
    Tally result;
    const TimePoint begin{1000s};
    for (TimePoint now = begin; now < begin + 1h;) {
        result.in_a_minute += now < begin + 1min ? 1 : 0;
        ++result.in_an_hour;
        now += lived;
        const Decision decision = policy.after_end(rule, end_after(lived), now, random);
        const RestartAt* restart = std::get_if<RestartAt>(&decision);
        if (restart == nullptr) {
            result.given_up_at = now - begin;
            break;
        }
        now = restart->at;
    }
    return result;
}

/// Starts in the first minute and in the first hour; `given_up_after` in whole seconds, -1: never.
inline void expect_tally(const spec::RestartSpec& rule, Duration lived, int in_a_minute,
                         int in_an_hour, int given_up_after) {
    const Tally result = tally(rule, lived);
    const bool given_up = result.given_up_at != Duration{};
    EXPECT_EQ(result.in_a_minute, in_a_minute);
    EXPECT_EQ(result.in_an_hour, in_an_hour);
    EXPECT_EQ(given_up ? result.given_up_at / 1s : -1, given_up_after);
}

}  // namespace reeve::core
