#include "base/time.h"

#include <stdio.h>
#include <time.h>

namespace reeve {

namespace {

/// The number as so many digits, from the right.
void put_digits(char* place, int digits, std::int64_t number) {
    for (int i = digits - 1; i >= 0; --i, number /= 10)
        place[i] = static_cast<char>('0' + number % 10);
}

}  // namespace

std::string to_text(WallTime time) {
    const auto since = std::chrono::nanoseconds(time.nanoseconds);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
    const std::int64_t micros = (since - seconds).count() / 1000;
    const time_t whole = static_cast<time_t>(seconds.count());
    struct tm parts {};
    ::gmtime_r(&whole, &parts);
    // By hand: a status has thousands of them, and snprintf takes ten times as long.
    std::string text = "0000-00-00T00:00:00.000000Z";
    put_digits(&text[0], 4, parts.tm_year + 1900);
    put_digits(&text[5], 2, parts.tm_mon + 1);
    put_digits(&text[8], 2, parts.tm_mday);
    put_digits(&text[11], 2, parts.tm_hour);
    put_digits(&text[14], 2, parts.tm_min);
    put_digits(&text[17], 2, parts.tm_sec);
    put_digits(&text[20], 6, micros);
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
