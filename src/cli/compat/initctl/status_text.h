#pragma once

#include <string>

#include "cli/compat/initctl/jobs_answer.h"

namespace reeve::cli::initctl {

/// `web start/running, process 12`; a hook beside the main process on a line of its own; a job
/// without an instance is `web stop/waiting`. Ends with a newline.
/// Source: upstart util/initctl.c, job_status.
std::string status_text(const std::string& job, const JobInstance& instance);

/// `web stop/waiting`.
std::string idle_text(const std::string& job);

/// What `initctl list` prints of a job.
std::string list_text(const Job& job);

}  // namespace reeve::cli::initctl
