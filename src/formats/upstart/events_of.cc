#include "formats/upstart/events_of.h"

namespace reeve::formats::upstart {

bool is_job_event(std::string_view name) {
    return name == "starting" || name == "started" || name == "stopping" || name == "stopped";
}

std::optional<std::size_t> job_argument(const spec::EventMatch& match) {
    if (!is_job_event(match.name)) return std::nullopt;
    for (std::size_t i = 0; i < match.arguments.size(); ++i) {
        const spec::EventArgument& argument = match.arguments[i];
        if (argument.key ? *argument.key == "JOB" && !argument.negated : i == 0) return i;
    }
    return std::nullopt;
}

}  // namespace reeve::formats::upstart
