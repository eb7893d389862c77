#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/compat/dokku/session.h"
#include "spec/app.h"

// Properties that hold at once for what runs.
namespace reeve::cli::compat::dokku {

/// Changes one service of an app.
using ServiceChange = std::function<void(spec::Service& service)>;

/// Changes every service of what runs of an app. Processes go on where nothing that changes needs
/// another one; what is stopped stays so. An app without code is left alone.
Result<void> change_running(const Session& session, const std::string& app,
                            const ServiceChange& change);

/// The app itself, or every app where it is api::kGlobalApp.
Result<std::vector<std::string>> apps_meant(const Session& session, const std::string& app);

}  // namespace reeve::cli::compat::dokku
