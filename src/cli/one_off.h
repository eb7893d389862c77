#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "spec/service.h"

namespace reeve::cli {

/// One command in an app's environment, beside its instances: `run`, `enter`, a job of its cron.
struct OneOff {
    std::string user;
    std::string directory;
    spec::Environment environment;
    std::string dyno;                    // `run.4711`
    std::vector<std::string> arguments;  // never empty
    unsigned ttl_seconds = 0;            // then SIGALRM; 0: without limit
};

/// Becomes the command, with this process's terminal and streams: its exit code is ours. Comes back
/// only with the reason why it cannot.
Error become_one_off(const OneOff& one_off);

}  // namespace reeve::cli
