#pragma once

#include <string>

#include "base/result.h"
#include "os/fd.h"
#include "os/paths.h"

namespace reeve::os {

/// Holds the lock of a file, which is made where it is not there: until the descriptor and its
/// copies are closed. Never waits: the error's code is EWOULDBLOCK where somebody else has it.
Result<UniqueFd> take_lock_file(const std::string& path);

/// The file whose lock a cron job holds while it runs, if it must not run twice at a time.
std::string cron_lock_path(const Paths& paths, const std::string& id);

}  // namespace reeve::os
