#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/context.h"
#include "formats/diagnostic.h"
#include "spec/app.h"

namespace reeve::cli {

/// Reads the app at `path`, a directory or a file, as the user who calls. `name` overrides the
/// app's own (empty: it does not). Fails where a file cannot be read; what is wrong inside the
/// files stands in the diagnostics.
Result<formats::Reading<spec::App>> read_app_at(const Context& context, const std::string& path,
                                                const std::string& name);

/// As `read_app_at`, for configurations with any number of apps: a .pill, or its evaluated JSON,
/// has as many as it likes. `name` is for a single one.
Result<formats::Reading<std::vector<spec::App>>> read_apps_at(const Context& context,
                                                              const std::string& path,
                                                              const std::string& name);

/// Whether the apps can be loaded: there are no errors, or they are those of single jobs of
/// Upstart, which are left out.
bool is_loadable(const formats::Reading<std::vector<spec::App>>& reading);

/// Says on stderr what is to be said about files.
void print_diagnostics(const Context& context, const std::vector<formats::Diagnostic>& diagnostics);

}  // namespace reeve::cli
