#pragma once

#include <time.h>

#include "base/time.h"

namespace reeve::keeper {

/// How long a reeved that has to prove itself may take to say hello.
inline constexpr Duration kHelloPatience = 20s;

/// The steady clock's time.
inline TimePoint now() {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return TimePoint(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

}  // namespace reeve::keeper
