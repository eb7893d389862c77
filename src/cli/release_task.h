#pragma once

#include "base/result.h"
#include "spec/app.h"

namespace reeve::cli {

/// Runs the release command of an app, if it has one, to its end: in the app's directory, as the
/// app's user, with the app's environment and DYNO=release.1, and with this terminal for its
/// output. Fails where it cannot be run, or does not exit with 0.
/// Source: Dokku, a Procfile's `release` runs before any instance of a new release.
Result<void> run_release_task(const spec::App& app);

}  // namespace reeve::cli
