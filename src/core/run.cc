#include "core/run.h"

#include "base/check.h"

namespace reeve::core {

std::string to_text(RunRole role) {
    switch (role) {
        case RunRole::Main:
            return "main";
        case RunRole::PreStart:
            return "pre-start";
        case RunRole::PostStart:
            return "post-start";
        case RunRole::PreStop:
            return "pre-stop";
        case RunRole::StopCommand:
            return "stop command";
        case RunRole::PostStop:
            return "post-stop";
        case RunRole::RestartCommand:
            return "restart command";
        case RunRole::Check:
            return "check";
        case RunRole::CheckStep:
            return "check step";
    }
    CHECK(false);
}

}  // namespace reeve::core
