#pragma once

#include <string>

#include "base/result.h"
#include "os/fd.h"

namespace reeve::daemon {

/// The API's socket: listening at `path`, mode 0660, and group `reeve` where `/etc/group` names it
/// and reeve is root's. Clients that come while no reeved is there wait in its backlog.
Result<os::UniqueFd> make_listening_socket(const std::string& path);

/// Gives the socket to the group `reeve` of whichever source of groups, where reeve is root's. May
/// take as long as these sources do.
Result<void> give_to_operators(const std::string& path);

}  // namespace reeve::daemon
