#pragma once

#include <string>

#include "status/job.h"

// How jobs are shown: for programs, and in plain words.
namespace reeve::api {

/// The whole answer to `jobs` (docs/api.md).
std::string jobs_json(const status::Jobs& jobs);

/// What each job waits for, what it holds up, and where it stands.
std::string explanation(const status::Jobs& jobs);

}  // namespace reeve::api
