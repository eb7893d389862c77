#include "status/instance.h"

#include "base/check.h"

namespace reeve::status {

std::string to_text(Phase phase) {
    switch (phase) {
        case Phase::Waiting:
            return "waiting";
        case Phase::Starting:
            return "starting";
        case Phase::PreStart:
            return "pre-start";
        case Phase::Spawned:
            return "spawned";
        case Phase::PostStart:
            return "post-start";
        case Phase::Running:
            return "running";
        case Phase::PreStop:
            return "pre-stop";
        case Phase::Stopping:
            return "stopping";
        case Phase::Killed:
            return "killed";
        case Phase::PostStop:
            return "post-stop";
    }
    CHECK(false);
}

std::string to_text(Direction direction) {
    switch (direction) {
        case Direction::Stop:
            return "stop";
        case Direction::Start:
            return "start";
        case Direction::Respawn:
            return "respawn";
    }
    CHECK(false);
}

}  // namespace reeve::status
