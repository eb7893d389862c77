#pragma once

#include <sys/types.h>

#include <optional>
#include <set>
#include <string>

#include "base/result.h"

namespace reeve::drivers {

/// Where an nginx is.
struct NginxPlace {
    std::string program;      // `/usr/sbin/nginx`
    std::string config_dir;   // the directory of our files, which its main file includes
    std::string file_prefix;  // of their names: `reeve-`
    std::string main_file;    // empty: its own
    std::string pid_file;
    bool is_ours = false;  // run by reeve itself
};

/// The program `nginx` of this machine, or empty.
std::string find_nginx_program();

/// The running server as /proc shows it.
class NginxServer {
public:
    explicit NginxServer(std::string pid_file) : pid_file_(std::move(pid_file)) {}

    /// The master process, 0: none runs.
    pid_t master() const;

    /// The master's workers; those that only finish what they began are not among them where
    /// `leaving` is false.
    std::set<pid_t> workers(bool leaving) const;

    /// Makes it read its configuration again.
    Result<void> reload() const;

private:
    std::string pid_file_;
};

}  // namespace reeve::drivers
