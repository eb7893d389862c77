#pragma once

#include <string>
#include <vector>

namespace reeve::spec {

/// What somebody may do; each includes those before it.
enum class Role {
    View,     // look
    Operate,  // start, stop, restart, scale, signal
    Deploy,   // load and unload
    Admin     // reeve itself; apps that run as other users
};

/// Who may do what to which apps.
struct AccessRule {
    Role role = Role::View;
    std::vector<std::string> users;         // by name or number
    std::vector<std::string> groups;        // likewise
    std::vector<std::string> apps = {"*"};  // patterns
    friend bool operator==(const AccessRule&, const AccessRule&) = default;
};

/// reeve's own settings: /etc/reeve/reeve.toml.
struct Configuration {
    /// Whom the socket lets in may do what some rule says, and nothing else. Root and the user that
    /// reeve runs as may do everything.
    std::vector<AccessRule> allow;
    /// `<base>/pids/APP.pid` names reeved for each Bluepill app: not by default, since a script
    /// that kills what it finds there ends the daemon of every app.
    bool bluepill_pid_files = false;
    friend bool operator==(const Configuration&, const Configuration&) = default;
};

}  // namespace reeve::spec
