#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace reeve::cli {

/// Where the output of one instance goes.
struct LogOfInstance {
    std::string app;
    std::string instance;  // `web.1`
    std::string path;
};

/// Reads the answer to `/v1/logs`.
Result<std::vector<LogOfInstance>> parse_log_list(std::string_view json);

/// `web.1 answers at http://127.0.0.1:20000`, for each running instance with a port, from the
/// answer to `/v1/status`.
std::vector<std::string> parse_addresses(std::string_view json);

/// The parts of a line of events that `run` shows.
struct EventOfInstance {
    std::string time;
    std::string app;
    std::string instance;
    std::string to;
    std::string reason;
};

/// Reads one line of `/v1/events`; fails on what is no transition.
Result<EventOfInstance> parse_event(std::string_view json);

}  // namespace reeve::cli
