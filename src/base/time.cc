#include "base/time.h"

#include <stdio.h>
#include <time.h>

namespace reeve {

std::string to_text(WallTime time) {
    const std::int64_t seconds = time.nanoseconds / 1'000'000'000;
    const std::int64_t micros = time.nanoseconds % 1'000'000'000 / 1000;
    const time_t whole = static_cast<time_t>(seconds);
    struct tm parts {};
    ::gmtime_r(&whole, &parts);
    char text[48];
    ::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ", parts.tm_year + 1900,
               parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
               static_cast<long>(micros));
    return text;
}

std::string to_text(Duration duration) {
    const long long millis =
        std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
    const long long seconds = millis / 1000;
    char text[48];
    if (millis < 1000) {
        ::snprintf(text, sizeof text, "%lldms", millis);
    } else if (seconds < 60) {
        ::snprintf(text, sizeof text, "%llds", seconds);
    } else if (seconds < 3600) {
        ::snprintf(text, sizeof text, "%lldm%02llds", seconds / 60, seconds % 60);
    } else if (seconds < 86400) {
        ::snprintf(text, sizeof text, "%lldh%02lldm", seconds / 3600, seconds / 60 % 60);
    } else {
        ::snprintf(text, sizeof text, "%lldd%02lldh", seconds / 86400, seconds / 3600 % 24);
    }
    return text;
}

}  // namespace reeve
