#pragma once

#include <string>

#include "spec/app.h"

namespace reeve::spec {

/// Begins the names of the variables that tell a job's processes who they are and why they run:
/// `JOB`, `INSTANCE`, `EVENTS`, `STOP_EVENTS`. `UPSTART_` for Upstart's jobs, else `REEVE_`.
std::string variable_prefix(const App& app);

}  // namespace reeve::spec
