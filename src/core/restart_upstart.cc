#include <algorithm>
#include <chrono>

#include "core/restart_rules.h"

// Source: upstart init/job_process.c: a fixed window in whole seconds, begun by the first respawn
// in it; the respawn after `limit` of them fails the job.
namespace reeve::core {
namespace {

std::chrono::seconds whole_seconds(TimePoint time) {
    return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
}

bool is_normal(const spec::UpstartRestart& rule, const End& end) {
    const auto contains = [](const std::vector<int>& numbers, int number) {
        return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
    };
    if (const status::ExitCode* code = exit_code(end)) {
        const bool task_is_done = code->code == 0 && (rule.task || !rule.respawn);
        return task_is_done || contains(rule.normal_codes, code->code);
    }
    const status::ExitSignal* signal = exit_signal(end);
    return signal != nullptr && contains(rule.normal_signals, signal->signal);
}

}  // namespace

Decision decide(const spec::UpstartRestart& rule, const End& end, TimePoint now,
                RestartMemory& memory) {
    if (is_normal(rule, end)) return StayDown{};
    const bool start_failed = std::holds_alternative<StartFailure>(end.how);
    if (!rule.respawn || start_failed) return GiveUp{};
    ++memory.ends;
    if (rule.limit == 0 || rule.interval == Duration{}) return RestartAt{now};

    const bool in_window = memory.window_begin &&
                           whole_seconds(now) - whole_seconds(*memory.window_begin) < rule.interval;
    if (!in_window) {
        memory.window_begin = now;
        memory.window_count = 0;
    }
    ++memory.window_count;
    if (memory.window_count > rule.limit) return GiveUp{true};
    return RestartAt{now};
}

}  // namespace reeve::core
