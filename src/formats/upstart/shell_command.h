#pragma once

#include "formats/upstart/job_class.h"
#include "spec/command.h"

namespace reeve::formats::upstart {

/// Whether a command needs a shell: it holds a byte that a shell would do something about.
bool needs_shell(std::string_view command);

/// What is executed for `exec` and `script`. A command without shell characters is executed as its
/// words; with them it is `sh -e -c "exec COMMAND"`. A script of one line is `sh -e -c LINE`, a
/// longer one `sh -e /proc/self/fd/9`. Source: upstart init/job_process.c.
spec::Command to_command(const Process& process);

}  // namespace reeve::formats::upstart
