#pragma once

#include <bitset>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace reeve::spec {

/// A minute of the local calendar.
struct CalendarMinute {
    int minute = 0;   // 0 to 59
    int hour = 0;     // 0 to 23
    int day = 1;      // of the month, from 1
    int month = 1;    // from 1
    int weekday = 0;  // 0: Sunday
};

/// Which minutes a job is due in: five fields (minute, hour, day, month, weekday) of numbers,
/// names, ranges, lists and steps, or `@hourly` and its kind. As in cron, a day is due when its
/// number or its weekday is, where both are limited. Source: crontab(5); dokku plugins/cron, which
/// refuses seconds and `@reboot`.
class CronSchedule {
public:
    /// The error says which field is wrong.
    static Result<CronSchedule> parse(std::string_view text);

    bool is_due(const CalendarMinute& at) const;

private:
    std::bitset<60> minutes_;
    std::bitset<24> hours_;
    std::bitset<32> days_;
    std::bitset<13> months_;
    std::bitset<8> weekdays_;
    bool any_day_ = false;
    bool any_weekday_ = false;
};

}  // namespace reeve::spec
