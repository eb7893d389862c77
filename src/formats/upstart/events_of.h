#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "spec/event_expr.h"

namespace reeve::formats::upstart {

/// Whether jobs tell others of their own life in events of this name: `starting`, `started`,
/// `stopping`, `stopped`.
bool is_job_event(std::string_view name);

/// Which argument of a job's event names the job: `JOB=…`, or the first one by its place.
std::optional<std::size_t> job_argument(const spec::EventMatch& match);

}  // namespace reeve::formats::upstart
