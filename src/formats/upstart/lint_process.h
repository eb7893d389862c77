#pragma once

#include <vector>

#include "formats/upstart/job_class.h"
#include "formats/upstart/remark.h"

namespace reeve::formats::upstart {

/// What in commands and scripts will not do what it looks like, and `expect` that does not fit.
std::vector<Remark> lint_processes(const JobClass& job);

}  // namespace reeve::formats::upstart
