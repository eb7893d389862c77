#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "spec/service.h"

namespace reeve::spec {

/// Which language an app was written in.
enum class Format { Procfile, Native, Bluepill, Upstart };

/// Where the changes of an app's processes are told in the words of the program that its
/// configuration was written for, beside reeve's own ledger.
/// Source: bluepill `:log_file`.
struct ChangeLog {
    std::string path;  // absolute; empty: syslog
    friend bool operator==(const ChangeLog&, const ChangeLog&) = default;
};

/// A group of services that people load, name and manage as one.
struct App {
    std::string name;
    Format format = Format::Procfile;
    std::string source;     // the path it was read from, for messages
    std::string directory;  // where its code is
    Environment environment;
    std::vector<Service> services;  // in the order of their names; names are unique
    /// Run to its end before a new release starts (Procfile `release`).
    std::optional<Command> release_command;
    /// The formation is given by the app's own file, so that `scale` is refused.
    bool formation_fixed = false;
    std::optional<ChangeLog> change_log;

    friend bool operator==(const App&, const App&) = default;
};

/// The service of that name, or nullptr.
const Service* find_service(const App& app, std::string_view name);

/// Whether the engine can run this app; else every objection, one to a line. Names may be any text
/// without control characters; `init` is reserved for Upstart's jobs.
Result<void> validate(const App& app);

/// Which fields are written: those that differ from their defaults, which is what is stored and
/// sent; or all, for people.
enum class Fields { Changed, All };

/// The app as JSON text; read back by `app_from_json`.
std::string to_json(const App& app, Fields fields = Fields::Changed);

/// Reads what `to_json` wrote. The text is untrusted: errors name the field, sizes are bounded.
Result<App> app_from_json(std::string_view text);

}  // namespace reeve::spec
