#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "formats/upstart/job_class.h"

namespace reeve::formats::upstart {

/// What `initctl check-config` is asked.
struct CheckConfig {
    std::set<std::string> ignored_events;
    /// An `or` is wrong as soon as one of its sides is.
    bool both_sides_of_or = false;
    bool user_mode = false;  // `session-end` is known
};

/// What of `start on` and `stop on` of one job nobody emits, as `initctl check-config` prints it:
/// the job's name and a line for each; empty: nothing. `all` are the jobs that there are.
/// Source: upstart util/initctl.c, check_config_action.
std::string check_config(const JobClass& job, const std::vector<const JobClass*>& all,
                         const CheckConfig& settings);

}  // namespace reeve::formats::upstart
