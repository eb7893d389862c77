#pragma once

#include <string>

#include "base/result.h"
#include "os/fd.h"

namespace reeve::daemon {

/// The API's socket: listening at `path`, mode 0660, and group `reeve` where it exists and reeve is
/// root's. Clients that come while no reeved is there wait in its backlog.
Result<os::UniqueFd> make_listening_socket(const std::string& path);

}  // namespace reeve::daemon
