#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "formats/diagnostic.h"

namespace reeve::formats::appjson {

/// What app.json says about the instances of one process type.
struct Formation {
    std::size_t offset = 0;  // of its name in the text
    std::optional<std::uint32_t> quantity;
    std::optional<std::uint32_t> max_parallel;
};

/// What app.json says about one environment variable.
struct EnvironmentVariable {
    std::size_t offset = 0;  // of its name in the text
    std::optional<std::string> value;
    bool required = true;
    bool is_secret = false;  // `"generator": "secret"`: made, where no value is given
    bool sync = false;       // each deploy sets it again
};

/// Commands at moments of a deploy; empty: none.
struct Scripts {
    std::string build;             // makes what is run out of the source
    std::string dokku_predeploy;   // in the new release, before anything of it is started
    std::string dokku_postdeploy;  // after every deploy
    std::string postdeploy;        // Heroku's: once, at the first deploy
};

/// When a check of `healthchecks` matters.
enum class CheckRole { Startup, Readiness, Liveness };

/// One element of `healthchecks`. What is looked at is the one of path, command, uptime and
/// listening that is given; a path of "/" where none is.
struct HealthCheck {
    std::size_t offset = 0;
    CheckRole role = CheckRole::Startup;
    std::string name;
    std::uint32_t attempts = 3;
    Duration timeout = 5s;
    Duration wait = 5s;  // between attempts
    Duration initial_delay{};
    std::optional<std::uint32_t> port;
    std::string scheme = "http";
    std::string path;
    std::string content;
    std::vector<std::pair<std::string, std::string>> headers;
    std::vector<std::string> command;
    bool listening = false;
    std::optional<Duration> uptime;
    bool warn_only = false;
    std::vector<std::string> failure_command;
    std::string failure_url;
};

/// What becomes of an occurrence while the one before still runs.
enum class CronOverlap { Allow, Forbid, Replace };

/// One element of `cron`.
struct CronJob {
    std::size_t offset = 0;
    std::string command;
    std::string schedule;
    bool maintenance = false;  // it is not run
    CronOverlap overlap = CronOverlap::Allow;
};

/// The parts of an app.json that reeve uses.
struct AppJson {
    std::optional<std::string> name;
    std::size_t name_offset = 0;
    std::map<std::string, Formation> formation;
    std::map<std::string, EnvironmentVariable> environment;
    Scripts scripts;
    std::map<std::string, std::vector<HealthCheck>> healthchecks;  // by process type
    std::vector<CronJob> cron;

    /// Whether the file gives a quantity: then it gives all of the formation, types it does not
    /// name have none, and `scale` is refused.
    bool is_scale_fixed() const;

    /// Whether `web` has none for that reason. Whoever gives the worker a quantity seldom means
    /// it; where the Procfile has a web, kForgottenWeb says so.
    bool forgets_web() const;
};

inline constexpr const char* kForgottenWeb = "Scaling web to 0 as the formation does not name it";

/// Reads an app.json, with comments and trailing commas. Wrong types are errors at their place;
/// parts that are for deploys only (scripts, healthchecks, cron) are noted as such.
/// Source: dokku's app.json documentation and plugins/app-json.
Reading<AppJson> parse(std::string_view file, std::string_view text);

}  // namespace reeve::formats::appjson
