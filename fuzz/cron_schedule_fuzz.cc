#include "fuzz/target.h"
#include "spec/cron_schedule.h"

// A schedule is refused or has an answer for every minute; `*` for all of it is always due.
FUZZ_TARGET(cron_schedule) {
    const std::string_view text = reeve::fuzz::as_text(data, size);
    const auto schedule = reeve::spec::CronSchedule::parse(text);
    if (!schedule) {
        CHECK(!schedule.error().message.empty());
        return 0;
    }
    bool any = false;
    for (int month = 1; month <= 12; ++month) {
        for (int day = 1; day <= 31; ++day) {
            for (int hour = 0; hour < 24; ++hour)
                any = schedule->is_due({size % 60 == 0 ? 0 : 59, hour, day, month, day % 7}) || any;
        }
    }
    CHECK(any || text != "* * * * *");
    return 0;
}
