#include "os/clock.h"

#include <time.h>

namespace reeve::os {

TimePoint steady_now() {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return TimePoint(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

}  // namespace reeve::os
