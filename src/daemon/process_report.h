#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "api/backend.h"

namespace reeve::daemon {

/// What `/proc` shows of a process; nullopt when it has gone.
std::optional<api::Process> look_at_process(pid_t pid);

/// The first child of `parent` whose name is `name`; 0: none.
int child_named(pid_t parent, const std::string& name);

}  // namespace reeve::daemon
