#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/context.h"

namespace reeve::cli {

/// Where the keeper's program is: beside this one, or in `../lib/reeve`.
Result<std::string> find_keeper(const Context& context);

/// How a keeper is started.
struct KeeperLaunch {
    std::string program;
    std::vector<std::string> environment;  // NAME=value
    std::string log_file;                  // its output and that of its children is appended there
    bool ends_with_us = false;             // it is asked to end when this process dies
};

/// Starts a keeper in a session of its own, with nothing inherited but what is named: no
/// descriptors, limits, umask, signal mask or environment. It stays this process's child.
Result<pid_t> start_keeper(const KeeperLaunch& launch);

/// The environment for a reeve of its own root (empty: that of `context`).
std::vector<std::string> clean_environment(const Context& context, const std::string& root);

/// Waits until the daemon answers. Fails when the keeper `pid` has ended, with the end of its log.
Result<void> wait_until_it_answers(const api::Client& client, pid_t pid,
                                   const std::string& log_file);

/// Starts reeve detached, and waits until it answers.
Result<void> launch_detached(const Context& context);

/// Becomes the keeper, in the foreground. Comes back only with the reason why it cannot.
Error become_keeper(const Context& context);

}  // namespace reeve::cli
