#pragma once

#include "base/result.h"
#include "cli/context.h"
#include "spec/app.h"

namespace reeve::cli {

/// Whether this app can be loaded without taking other jobs away: a single file of Upstart's
/// replaces the whole app `init`. Where no daemon answers, nothing is in the way.
Result<void> check_replaces_no_jobs(const Context& context, const spec::App& app);

}  // namespace reeve::cli
