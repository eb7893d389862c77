#include "api/clock.h"

#include <time.h>

namespace reeve::api {

TimePoint client_now() {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return TimePoint(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

WallTime client_wall_now() {
    timespec time{};
    ::clock_gettime(CLOCK_REALTIME, &time);
    return WallTime{std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec};
}

}  // namespace reeve::api
