#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "os/fd.h"

namespace reeve::keeper {

/// Starts one of reeve's own programs (`reeved`, `reeve-scribe`) from the directory of the running
/// executable, with `link` as its descriptor kKeeperLinkFd, no other descriptor above stderr, and
/// no blocked signal. Returns its pid.
Result<pid_t> start_own_program(const std::string& name, const os::UniqueFd& link);

/// The directory of the running executable.
Result<std::string> executable_directory();

}  // namespace reeve::keeper
