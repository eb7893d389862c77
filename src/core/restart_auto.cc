#include <algorithm>

#include "core/restart_rules.h"

// reeve's own rule: the k-th end in a row pauses first_pause (k = 1; none after good service), then
// pause_unit * 2^(k-2), capped, then varied by the jitter. Never dead for good by a crash.
namespace reeve::core {
namespace {

constexpr std::uint32_t kDoublingsMax = 30;  // a pause is capped long before

bool is_final(const spec::AutoRestart& rule, const End& end) {
    if (const StartFailure* failure = std::get_if<StartFailure>(&end.how)) {
        return failure->program_missing;
    }
    const status::ExitCode* code = exit_code(end);
    return code != nullptr && std::find(rule.no_restart_codes.begin(), rule.no_restart_codes.end(),
                                        code->code) != rule.no_restart_codes.end();
}

Duration vary(Duration pause, unsigned percent, Random& random) {
    if (percent == 0) return pause;
    const std::int64_t steps = 2 * static_cast<std::int64_t>(percent) * 100 + 1;
    const std::int64_t off =
        static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(steps))) -
        static_cast<std::int64_t>(percent) * 100;
    return pause + pause / 10'000 * off;
}

/// Notes an unstable end; whether there were too many lately.
bool note_unstable(const spec::AutoRestart& rule, TimePoint now, std::vector<TimePoint>& unstable) {
    unstable.push_back(now);
    std::erase_if(unstable, [&](TimePoint end) { return end + rule.crash_loop_within < now; });
    const std::size_t wanted = std::max(rule.crash_loop_ends, 1U);
    while (unstable.size() > wanted)
        unstable.erase(unstable.begin());
    return unstable.size() >= wanted;
}

}  // namespace

Decision decide(const spec::AutoRestart& rule, const End& end, TimePoint now, Random& random,
                RestartMemory& memory) {
    if (is_final(rule, end)) return GiveUp{};
    if (is_success(end) && !rule.restart_after_success) return StayDown{};
    if (end.ready_for && *end.ready_for >= rule.forget_after) memory = RestartMemory{};

    const bool good_service = end.ready_for && end.lived >= rule.good_service;
    const bool crash_looping = !good_service && note_unstable(rule, now, memory.moments);
    ++memory.ends;
    if (memory.ends == 1) {
        return RestartAt{now + (good_service ? Duration{} : rule.first_pause), false};
    }
    const Duration cap = good_service ? rule.cap_after_service : rule.cap_unstable;
    const std::uint32_t doublings = std::min(memory.ends - 2, kDoublingsMax);
    const Duration pause = std::min(rule.pause_unit * (std::int64_t{1} << doublings), cap);
    return RestartAt{now + vary(pause, rule.jitter_percent, random), crash_looping};
}

}  // namespace reeve::core
