#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/app_store.h"
#include "formats/appjson/app_json.h"
#include "formats/diagnostic.h"
#include "spec/app.h"

namespace reeve::daemon {

/// What a release is made of. All of it is handed in: nothing here opens a file.
struct ReleaseInputs {
    std::string app;
    std::string directory;                // absolute: where its code is
    std::string user;                     // who it runs as; empty: the user of apps without one
    std::string procfile_name;            // for messages
    std::optional<std::string> procfile;  // nullopt: there is none
    std::string app_json_name;
    std::optional<std::string> app_json;
    std::string default_web;   // the command of `web` where there is no Procfile; empty: none
    std::string revision;      // for GIT_REV; empty: none
    bool has_profile = false;  // the build left `.profile.d`, to be sourced before each command
    bool is_first = false;     // nothing of the app was deployed before
    /// Makes a value for `"generator": "secret"`: 64 hexadecimal digits.
    std::function<std::string()> make_secret;
};

/// A release, ready to be started.
struct ReleasePlan {
    spec::App app;
    formats::appjson::Scripts scripts;
    /// The jobs by their ids, as they are kept (daemon/cron.h).
    std::map<std::string, std::string> cron_records;
    /// Config vars that app.json brings, to be kept.
    std::map<std::string, std::string> new_config;
    /// The number of instances of every type, to be kept.
    std::map<std::string, std::uint32_t> scale;
};

/// Makes the release of an app out of its files, its config vars and its properties, as Dokku
/// does: Docker's restart policy, one `web` and nothing else unless it was scaled, the stop
/// timeout, the healthchecks of app.json or Dokku's default ones, limits, links.
/// Source: dokku plugins/ps, plugins/app-json, plugins/checks, plugins/resource.
formats::Reading<ReleasePlan> plan_release(const ReleaseInputs& inputs, const AppStore& store);

/// The variables of an app's commands: those of all apps, below its own.
spec::Environment release_environment(const AppStore& store, const std::string& app,
                                      const std::string& revision);

}  // namespace reeve::daemon
