#include "spec/cron_schedule.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"

namespace reeve::spec {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kNicknames = {
    {{"@yearly", "0 0 1 1 *"},
     {"@annually", "0 0 1 1 *"},
     {"@monthly", "0 0 1 * *"},
     {"@weekly", "0 0 * * 0"},
     {"@daily", "0 0 * * *"},
     {"@midnight", "0 0 * * *"},
     {"@hourly", "0 * * * *"}}};

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays = {"sun", "mon", "tue", "wed",
                                                       "thu", "fri", "sat"};

/// One field: its bounds, and names that stand for numbers from `least` on.
struct Field {
    std::string_view name;
    int least;
    int most;
    std::span<const std::string_view> names;
};

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return result;
}

Error wrong(const Field& field, std::string_view text) {
    return Error{"\"" + std::string(text) + "\" is no " + std::string(field.name) +
                 " of a schedule"};
}

Result<int> parse_value(const Field& field, std::string_view text) {
    const std::string name = lower(text);
    for (std::size_t i = 0; i < field.names.size(); ++i) {
        if (field.names[i] == name) return field.least + static_cast<int>(i);
    }
    const auto number = parse_integer(text);
    if (!number || *number < field.least || *number > field.most) return wrong(field, text);
    return static_cast<int>(*number);
}

/// `*`, `5`, `1-5`, each perhaps with `/2`.
template <std::size_t Size>
Result<void> add_part(const Field& field, std::string_view text, std::bitset<Size>& set) {
    const std::size_t slash = text.find('/');
    int step = 1;
    if (slash != std::string_view::npos) {
        const auto parsed = parse_integer(text.substr(slash + 1));
        if (!parsed || *parsed < 1 || *parsed > field.most) return wrong(field, text);
        step = static_cast<int>(*parsed);
    }
    const std::string_view range = text.substr(0, slash);
    int first = field.least;
    int last = field.most;
    if (range != "*") {
        const std::size_t dash = range.find('-');
        first = TRY(parse_value(field, range.substr(0, dash)));
        if (dash != std::string_view::npos) {
            last = TRY(parse_value(field, range.substr(dash + 1)));
        } else if (slash == std::string_view::npos) {
            last = first;
        }
    }
    if (first > last) return wrong(field, text);
    for (int value = first; value <= last; value += step)
        set.set(static_cast<std::size_t>(value));
    return {};
}

template <std::size_t Size>
Result<void> parse_field(const Field& field, std::string_view text, std::bitset<Size>& set) {
    for (const std::string_view part : split(text, ','))
        TRY(add_part(field, part, set));
    return {};
}

}  // namespace

Result<CronSchedule> CronSchedule::parse(std::string_view text) {
    std::string_view expanded = trim(text);
    for (const auto& [nickname, meaning] : kNicknames) {
        if (expanded == nickname) expanded = meaning;
    }
    const std::vector<std::string_view> fields = words(expanded);
    if (fields.size() != 5) {
        return Error{"\"" + std::string(text) +
                     "\" is no schedule: five fields are needed, or @hourly, @daily, @weekly, "
                     "@monthly, @yearly"};
    }
    CronSchedule schedule;
    TRY(parse_field({"minute", 0, 59, {}}, fields[0], schedule.minutes_));
    TRY(parse_field({"hour", 0, 23, {}}, fields[1], schedule.hours_));
    TRY(parse_field({"day", 1, 31, {}}, fields[2], schedule.days_));
    TRY(parse_field({"month", 1, 12, kMonths}, fields[3], schedule.months_));
    TRY(parse_field({"weekday", 0, 7, kWeekdays}, fields[4], schedule.weekdays_));
    if (schedule.weekdays_.test(7)) schedule.weekdays_.set(0);
    schedule.any_day_ = fields[2].starts_with('*');
    schedule.any_weekday_ = fields[4].starts_with('*');
    return schedule;
}

bool CronSchedule::is_due(const CalendarMinute& at) const {
    const bool minute = minutes_.test(static_cast<std::size_t>(at.minute)) &&
                        hours_.test(static_cast<std::size_t>(at.hour)) &&
                        months_.test(static_cast<std::size_t>(at.month));
    const bool day = days_.test(static_cast<std::size_t>(at.day));
    const bool weekday = weekdays_.test(static_cast<std::size_t>(at.weekday));
    const bool either = !any_day_ && !any_weekday_;
    return minute && (either ? day || weekday : day && weekday);
}

}  // namespace reeve::spec
