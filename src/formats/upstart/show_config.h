#pragma once

#include <string>

#include "formats/upstart/job_class.h"

namespace reeve::formats::upstart {

/// What `initctl show-config` prints of a job: its name, then what it emits and what it starts and
/// stops on, with every parenthesis. Source: upstart util/initctl.c.
std::string show_config(const JobClass& job);

/// `initctl show-config -e`: one line for each event, for programs.
std::string show_config_enumerated(const JobClass& job);

}  // namespace reeve::formats::upstart
