#pragma once

#include <string>

namespace reeve::daemon {

/// The identity of a job: `APP===COMMAND===SCHEDULE` as one number in base 36.
/// Source: dokku plugins/cron, CronTask ID.
std::string cron_id(const std::string& app, const std::string& command,
                    const std::string& schedule);

}  // namespace reeve::daemon
