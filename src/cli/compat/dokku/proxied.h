#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/compat/dokku/report.h"
#include "cli/compat/dokku/session.h"

// What the commands about domains, ports and the proxy have in common.
namespace reeve::cli::compat::dokku {

/// What is remembered under a key of the app itself; empty: nothing.
Result<std::string> fetch_value(const Session& session, const std::string& app,
                                const std::string& key);

/// The app's value, else the one for all apps, else `otherwise`.
Result<std::string> fetch_effective(const Session& session, const std::string& app,
                                    const std::string& key, std::string_view otherwise);

/// Remembers one value; nullopt: forgets it.
Result<void> store_value(const Session& session, const std::string& app, const std::string& key,
                         std::optional<std::string> value);

/// Has the proxy follow what was changed of an app, or of all; says what nginx objects to.
int follow_change(const Session& session, const std::string& app);

/// The lines of one app's report.
using ReportLines =
    std::function<Result<std::vector<ReportLine>>(const Session& session, const std::string& app)>;

/// Carries out a whole `X:report [APP|--global] [--flag | --format stdout|json]`.
int report_apps(Session& session, const Words& words, const std::string& kind,
                const ReportLines& lines);

}  // namespace reeve::cli::compat::dokku
