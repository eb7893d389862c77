#pragma once

#include <string>
#include <vector>

#include "formats/appjson/app_json.h"
#include "spec/service.h"

namespace reeve::daemon {

/// How a process type is looked after while it is deployed. Source: dokku's checks:disable and
/// checks:skip.
enum class ChecksMode {
    Enabled,
    Skipped,  // started beside the old one, and not checked
    Disabled  // the old one is stopped first
};

/// Whether a list (`_all_`, or types with commas between) names the type.
bool names_type(const std::string& list, const std::string& type);

/// Gives the service its readiness, its checks and the way it is replaced: the healthchecks of
/// app.json, or Dokku's default ones (10 seconds without an end; for `web` that something answers
/// on its port, too).
void add_health(spec::Service& service, ChecksMode mode,
                const std::vector<formats::appjson::HealthCheck>& healthchecks);

}  // namespace reeve::daemon
