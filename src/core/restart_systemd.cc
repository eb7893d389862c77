#include <signal.h>

#include <algorithm>

#include "base/check.h"
#include "core/restart_rules.h"

// Source: systemd.service(5) `Restart=`, `RestartSteps=`; systemd.unit(5) `StartLimitBurst=`. Every
// start counts for the limit, the first one too; the window is begun by the first start after the
// one before is over.
namespace reeve::core {
namespace {

bool is_clean(const End& end) {
    const status::ExitSignal* signal = exit_signal(end);
    if (signal == nullptr) return is_success(end);
    return signal->signal == SIGHUP || signal->signal == SIGINT || signal->signal == SIGTERM ||
           signal->signal == SIGPIPE;
}

bool wants_restart(spec::SystemdMode mode, const End& end) {
    const bool clean = is_clean(end);
    switch (mode) {
        case spec::SystemdMode::No:
            return false;
        case spec::SystemdMode::OnSuccess:
            return clean;
        case spec::SystemdMode::OnFailure:
            return !clean;
        case spec::SystemdMode::OnAbnormal:
        case spec::SystemdMode::OnAbort:
            return !clean && exit_signal(end) != nullptr;
        case spec::SystemdMode::Always:
            return true;
    }
    CHECK(false);
}

double power(double base, std::uint32_t exponent) {
    double result = 1;
    for (; exponent != 0; exponent /= 2, base *= base)
        if (exponent % 2 == 1) result *= base;
    return result;
}

/// value^(1 / degree), for a value above 1. With pow(3) the mathematical library would be loaded,
/// for this alone.
double root(double value, std::uint32_t degree) {
    double low = 1;
    double high = value;
    for (double middle = value / 2 + 0.5; low < middle && middle < high;
         middle = low + (high - low) / 2)
        (power(middle, degree) <= value ? low : high) = middle;
    return high;
}

/// The i-th pause is pause * (pause_max / pause)^(i / steps), from i = 0 on.
Duration pause_after(const spec::SystemdRestart& rule, std::uint32_t ends_before) {
    if (rule.steps == 0 || ends_before == 0 || rule.pause >= rule.pause_max) return rule.pause;
    if (rule.pause == Duration{} || ends_before >= rule.steps) return rule.pause_max;
    const double growth =
        static_cast<double>(rule.pause_max.count()) / static_cast<double>(rule.pause.count());
    const double factor = power(root(growth, rule.steps), ends_before);
    const double pause = static_cast<double>(rule.pause.count()) * factor;
    return std::min(Duration(static_cast<Duration::rep>(pause)), rule.pause_max);
}

/// Counts a start; false: there were too many.
bool note_start(const spec::SystemdRestart& rule, TimePoint at, RestartMemory& memory) {
    if (!memory.window_begin || *memory.window_begin + rule.start_limit_interval < at) {
        memory.window_begin = at;
        memory.window_count = 1;
        return true;
    }
    if (memory.window_count >= rule.start_limit_burst) return false;
    ++memory.window_count;
    return true;
}

}  // namespace

Decision decide(const spec::SystemdRestart& rule, const End& end, TimePoint now,
                RestartMemory& memory) {
    if (!wants_restart(rule.mode, end)) {
        if (is_clean(end)) return StayDown{};
        return GiveUp{};
    }
    const TimePoint at = now + pause_after(rule, memory.ends);
    ++memory.ends;
    const bool limited = rule.start_limit_burst > 0 && rule.start_limit_interval > Duration{};
    if (!limited) return RestartAt{at};
    if (!memory.window_begin) note_start(rule, now - end.lived, memory);
    if (!note_start(rule, at, memory)) return GiveUp{};
    return RestartAt{at};
}

}  // namespace reeve::core
