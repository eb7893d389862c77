#pragma once

#include <string>

namespace reeve::os {

/// Where everything of one reeve is (architecture.md, §5): below REEVE_ROOT if that is set, in the
/// system's directories for root, in the user's XDG directories for anyone else.
struct Paths {
    std::string root;        // REEVE_ROOT, or empty
    std::string config_dir;  // /etc/reeve
    std::string state_dir;   // /var/lib/reeve
    std::string log_dir;     // /var/log/reeve
    std::string run_dir;     // /run/reeve
    std::string socket;      // run_dir/reeve.sock: the API
    bool user_mode = false;  // the reeve of a user without root's rights

    /// The paths as the environment and the effective user say. `REEVE_ROOT` is made absolute.
    static Paths from_environment();

    /// Those of the system's reeve, whoever asks.
    static Paths of_system();
};

/// Where the log of one instance is: `log_dir/APP/SERVICE.N.log`, each part escaped.
std::string log_path(const Paths& paths, const std::string& app_component,
                     const std::string& instance_component);

}  // namespace reeve::os
