#pragma once

#include <sys/types.h>

#include "spec/command.h"

namespace reeve::spec {

/// The command with the main process's number in the place of `{{PID}}`. Without one (0), nothing
/// stands there.
/// Source: bluepill `stop_command` and `restart_command`.
Command with_pid(Command command, pid_t pid);

}  // namespace reeve::spec
