#pragma once

#include <signal.h>

#include <optional>
#include <vector>

#include "base/rare.h"
#include "base/time.h"
#include "spec/command.h"

namespace reeve::spec {

/// One rung of the stop ladder: send `signal`, then wait at most `wait` for the end.
struct StopStep {
    int signal = SIGTERM;
    Duration wait = 10s;
    friend bool operator==(const StopStep&, const StopStep&) = default;
};

/// Which processes of a run get the signals of its stop ladder. SIGKILL always goes to all.
enum class SignalScope {
    All,   // every process of the run (Heroku's rule: a shell does not forward)
    Main,  // the main process only
    Group  // the main process's process group (Upstart)
};

/// How an instance is stopped: the command if there is one, then the steps, then SIGKILL to
/// whatever is left, until its cgroup is verified empty.
struct StopSpec {
    std::vector<StopStep> steps = {{SIGTERM, 10s}};
    SignalScope scope = SignalScope::All;
    Rare<Command> command;  // `{{PID}}` in it stands for the main process
    Duration command_timeout = 10s;
    /// After the main process has gone by itself: patience with the processes it left behind.
    Duration leftovers_wait = 2s;
    friend bool operator==(const StopSpec&, const StopSpec&) = default;
};

}  // namespace reeve::spec
