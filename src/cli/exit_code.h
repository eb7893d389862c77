#pragma once

#include "api/reply.h"
#include "base/result.h"

namespace reeve::cli {

/// What `reeve` ends with. Stable: scripts rely on it.
enum class ExitCode {
    Done = 0,
    Failed = 1,
    Usage = 2,
    NotRunning = 3,
    NoSuchTarget = 4,
    Unreachable = 69,
    NotPermitted = 77,
    TimedOut = 124
};

/// The exit code that tells of this answer.
ExitCode exit_code(api::Code code);

/// The exit code for a request that got no answer: by the errno that the client met.
ExitCode exit_code(const Error& client_error);

}  // namespace reeve::cli
