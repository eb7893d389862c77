#include "cli/exit_code.h"

#include <errno.h>

namespace reeve::cli {

ExitCode exit_code(api::Code code) {
    switch (code) {
        case api::Code::Done:
        case api::Code::Accepted:
            return ExitCode::Done;
        case api::Code::TimedOut:
            return ExitCode::TimedOut;
        case api::Code::Failed:
        case api::Code::Busy:
            return ExitCode::Failed;
        case api::Code::NotRunning:
            return ExitCode::NotRunning;
        case api::Code::Invalid:
            return ExitCode::Usage;
        case api::Code::NoSuchTarget:
            return ExitCode::NoSuchTarget;
        case api::Code::NotPermitted:
            return ExitCode::NotPermitted;
        case api::Code::Unavailable:
            return ExitCode::Unreachable;
    }
    return ExitCode::Failed;
}

ExitCode exit_code(const Error& client_error) {
    switch (client_error.code) {
        case EACCES:
        case EPERM:
            return ExitCode::NotPermitted;
        case ETIMEDOUT:
            return ExitCode::TimedOut;
        default:
            return ExitCode::Unreachable;
    }
}

}  // namespace reeve::cli
