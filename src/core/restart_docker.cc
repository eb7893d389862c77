#include <algorithm>

#include "core/restart_rules.h"

// Source: moby restartmanager ShouldRestart. Unlike it, good health also forgets the count.
namespace reeve::core {

Decision decide(const spec::DockerRestart& rule, const End& end, TimePoint now,
                RestartMemory& memory) {
    switch (rule.mode) {
        case spec::DockerMode::No:
            return no_restart(end);
        case spec::DockerMode::Always:
        case spec::DockerMode::UnlessStopped:
            break;
        case spec::DockerMode::OnFailure:
            if (is_success(end)) return StayDown{};
            break;
    }
    if (end.ready_for && *end.ready_for >= rule.forget_after) memory = RestartMemory{};
    if (rule.mode == spec::DockerMode::OnFailure && rule.retries_max != 0 &&
        memory.ends >= rule.retries_max) {
        return GiveUp{};
    }
    ++memory.ends;
    if (memory.pause == Duration{} || end.lived >= rule.reset_after) {
        memory.pause = rule.first_pause;
    } else {
        memory.pause = std::min(memory.pause * 2, rule.cap);
    }
    return RestartAt{now + memory.pause, false};
}

}  // namespace reeve::core
