#pragma once

#include <vector>

#include "formats/upstart/job_class.h"
#include "formats/upstart/remark.h"

namespace reeve::formats::upstart {

/// What in `start on` and `stop on` will never happen.
std::vector<Remark> lint_events(const JobClass& job);

}  // namespace reeve::formats::upstart
