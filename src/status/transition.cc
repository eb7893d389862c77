#include "status/transition.h"

#include "base/check.h"

namespace reeve::status {

std::string to_text(State state) {
    switch (state) {
        case State::Stopped:
            return "stopped";
        case State::Waiting:
            return "waiting";
        case State::Starting:
            return "starting";
        case State::Running:
            return "running";
        case State::Stopping:
            return "stopping";
        case State::Backoff:
            return "backoff";
        case State::CrashLooping:
            return "crash-looping";
        case State::Failed:
            return "failed";
        case State::Stuck:
            return "stuck";
    }
    CHECK(false);
}

std::string to_text(Goal goal) {
    switch (goal) {
        case Goal::Up:
            return "up";
        case Goal::Down:
            return "down";
        case Goal::Unmonitored:
            return "unmonitored";
    }
    CHECK(false);
}

std::string to_text(CauseKind kind) {
    switch (kind) {
        case CauseKind::Operator:
            return "operator";
        case CauseKind::ProcessExit:
            return "exit";
        case CauseKind::Check:
            return "check";
        case CauseKind::Event:
            return "event";
        case CauseKind::Schedule:
            return "schedule";
        case CauseKind::Boot:
            return "boot";
        case CauseKind::Daemon:
            return "daemon";
    }
    CHECK(false);
}

}  // namespace reeve::status
