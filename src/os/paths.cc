#include "os/paths.h"

#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

namespace reeve::os {
namespace {

std::string environment(const char* name) {
    const char* value = ::getenv(name);
    return value == nullptr ? "" : value;
}

std::string home_directory() {
    const std::string home = environment("HOME");
    if (!home.empty()) return home;
    const passwd* user = ::getpwuid(::geteuid());
    return user == nullptr ? "/" : user->pw_dir;
}

std::string absolute(const std::string& path) {
    if (path.front() == '/') return path;
    char current[PATH_MAX];
    if (::getcwd(current, sizeof current) == nullptr) return path;
    return std::string(current) + "/" + path;
}

/// `$NAME/reeve`, or `HOME` + `otherwise` + `/reeve`.
std::string xdg(const char* name, const std::string& otherwise) {
    const std::string directory = environment(name);
    return (directory.empty() ? home_directory() + otherwise : directory) + "/reeve";
}

Paths system_paths(const std::string& root) {
    Paths paths;
    paths.root = root;
    paths.config_dir = root + "/etc/reeve";
    paths.state_dir = root + "/var/lib/reeve";
    paths.log_dir = root + "/var/log/reeve";
    paths.run_dir = root + "/run/reeve";
    return paths;
}

Paths user_paths() {
    Paths paths;
    paths.config_dir = xdg("XDG_CONFIG_HOME", "/.config");
    paths.state_dir = xdg("XDG_STATE_HOME", "/.local/state");
    paths.log_dir = paths.state_dir + "/log";
    const std::string runtime = environment("XDG_RUNTIME_DIR");
    paths.run_dir = runtime.empty() ? paths.state_dir + "/run" : runtime + "/reeve";
    return paths;
}

}  // namespace

Paths Paths::from_environment() {
    std::string root = environment("REEVE_ROOT");
    while (root.size() > 1 && root.back() == '/')
        root.pop_back();
    const bool is_root = ::geteuid() == 0;
    Paths paths = !root.empty() ? system_paths(absolute(root))
                  : is_root     ? system_paths("")
                                : user_paths();
    paths.user_mode = !is_root;
    paths.socket = paths.run_dir + "/reeve.sock";
    return paths;
}

Paths Paths::of_system() {
    Paths paths = system_paths("");
    paths.socket = paths.run_dir + "/reeve.sock";
    return paths;
}

std::string log_path(const Paths& paths, const std::string& app_component,
                     const std::string& instance_component) {
    return paths.log_dir + "/" + app_component + "/" + instance_component + ".log";
}

}  // namespace reeve::os
