#pragma once

#include <set>
#include <string>

#include "base/result.h"
#include "formats/upstart/app_reader.h"
#include "spec/app.h"

namespace reeve::daemon {

/// What makes the app `init` change: its directories with a `/` at their end, those below them, or
/// the files of single jobs.
std::set<std::string> files_of_jobs(const spec::App& app);

/// The app as its files say it now, for the same surroundings as before: whoever loaded it has left
/// its environment in it.
Result<formats::Reading<spec::App>> read_jobs_again(const spec::App& app, bool user_mode);

}  // namespace reeve::daemon
