#include "core/start_brake.h"

namespace reeve::core {

bool StartBrake::enter(RunId run) {
    if (waiting_.empty() && has_room()) {
        spawning_.insert(run);
        return true;
    }
    waiting_.insert(run);
    return false;
}

void StartBrake::leave(RunId run) {
    if (spawning_.erase(run) == 0) waiting_.erase(run);
}

std::optional<RunId> StartBrake::admit() {
    if (waiting_.empty() || !has_room()) return std::nullopt;
    const RunId run = *waiting_.begin();
    waiting_.erase(waiting_.begin());
    spawning_.insert(run);
    return run;
}

}  // namespace reeve::core
