#include <algorithm>
#include <chrono>

#include "core/restart_rules.h"

// Source: bluepill lib/bluepill/process.rb (ticks and graces), triggers/flapping.rb. The trigger
// looks at the latest `times` starts, in whole seconds; the start that makes it fire does not take
// place, and all is forgotten.
namespace reeve::core {
namespace {

std::chrono::seconds whole_seconds(TimePoint time) {
    return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
}

/// Notes a start; whether it is one too many.
bool is_flapping(const spec::Flapping& rule, TimePoint at, std::vector<TimePoint>& starts) {
    starts.push_back(at);
    const std::size_t wanted = std::max(rule.times, 1U);
    while (starts.size() > wanted)
        starts.erase(starts.begin());
    return starts.size() == wanted &&
           whole_seconds(starts.back()) - whole_seconds(starts.front()) <= rule.within;
}

}  // namespace

Decision decide(const spec::BluepillRestart& rule, const End& end, TimePoint now,
                RestartMemory& memory) {
    const TimePoint started = now - end.lived;
    const TimePoint at = std::max(now, started + rule.start_grace) + rule.tick;
    ++memory.ends;
    if (!rule.flapping) return RestartAt{at};
    const bool first = memory.moments.empty();
    const bool start_was_one_too_many =
        first && is_flapping(*rule.flapping, started, memory.moments);
    if (!start_was_one_too_many && !is_flapping(*rule.flapping, at, memory.moments)) {
        return RestartAt{at};
    }
    memory.moments.clear();
    if (rule.flapping->retry_in == Duration{}) return GiveUp{};
    return RestartAt{at + rule.flapping->retry_in, true};
}

}  // namespace reeve::core
