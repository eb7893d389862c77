#include "sim/pause_checks.h"

#include <algorithm>
#include <variant>

#include "core/restart_policy.h"

namespace reeve::sim {
namespace {

// A run that began within this time of a pause's end has not served long enough for anything.
constexpr Duration kBarelyLived = 10s;
constexpr Duration kAnyPauseMax = 72s;  // 60 s and 20 % of jitter

struct Bounds {
    Duration least{};
    Duration most{};
};

/// 2^n, or a great number.
std::int64_t doubled(std::uint32_t n) {
    return std::int64_t{1} << std::min(n, 20U);
}

/// After `restarts` without a command, this one included; `before` is the pause before an end that
/// followed at once, else zero.
Bounds bounds_of(const spec::AutoRestart& rule, std::uint32_t restarts, Duration before) {
    if (restarts <= 1) return {rule.first_pause, rule.first_pause};
    const Duration most = std::min(rule.pause_unit * doubled(restarts - 2), rule.cap_unstable);
    Duration least{};
    if (before == rule.first_pause) least = rule.pause_unit * 8 / 10;
    if (before > rule.first_pause) {
        least = std::min(before / 12 * 10 * 2, rule.cap_unstable) * 8 / 10;
    }
    return {least, most * 12 / 10};
}

Bounds bounds_of(const spec::DockerRestart& rule, std::uint32_t restarts, Duration before) {
    const Duration most =
        std::min(rule.first_pause * doubled(std::max(restarts, 1U) - 1), rule.cap);
    if (before == Duration{}) return {rule.first_pause, most};
    const Duration grown = std::min(before * 2, rule.cap);
    return {grown, grown};
}

Bounds bounds_of(const spec::SystemdRestart& rule, std::uint32_t, Duration) {
    return {rule.pause, rule.pause};
}

Bounds bounds_of(const spec::SupervisordRestart& rule, std::uint32_t, Duration) {
    return {1s, std::chrono::seconds(rule.retries_max)};
}

Bounds bounds_of(const spec::BluepillRestart& rule, std::uint32_t, Duration) {
    const Duration more = rule.flapping ? rule.flapping->retry_in : Duration{};
    return {rule.tick, rule.tick + rule.start_grace + more};
}

Bounds bounds_of(const spec::UpstartRestart&, std::uint32_t, Duration) {
    return {};  // it never pauses
}

Bounds bounds_of(const spec::NoRestart&, std::uint32_t, Duration) {
    return {};
}

}  // namespace

std::string PauseChecks::after_transition(const status::Transition& transition,
                                          const status::Instance& instance,
                                          const spec::Service& service) {
    const bool ends_otherwise =
        transition.to == status::State::Stopping ||
        (transition.from == status::State::Running && transition.to == status::State::Starting);
    if (ends_otherwise) latest_.erase(instance.name);
    const std::string telling = check_telling(transition);
    if (!telling.empty()) return telling;
    const bool pauses =
        transition.to == status::State::Backoff || transition.to == status::State::CrashLooping;
    if (!pauses || !instance.next_attempt) return "";
    const auto latest = latest_.find(instance.name);
    const bool at_once =
        latest != latest_.end() && transition.time - latest->second.next_attempt < kBarelyLived;
    const Duration before = at_once ? latest->second.length : Duration{};
    const Duration pause = *instance.next_attempt - transition.time;
    latest_.erase(instance.name);
    // Behind a hook or leftovers, a part of the pause is over already.
    const bool whole =
        transition.from == status::State::Running || transition.from == status::State::Starting;
    if (whole) latest_[instance.name] = Pause{pause, *instance.next_attempt};

    const std::string name = spec::to_text(instance.name) + " (" + instance.restart + ", " +
                             std::to_string(instance.restarts) + " restarts)";
    if (pause > kAnyPauseMax) return name + " pauses too long";
    if (instance.restart != to_text(service.restart)) return "";  // changed meanwhile
    const Bounds bounds =
        std::visit([&](const auto& rule) { return bounds_of(rule, instance.restarts, before); },
                   service.restart);
    if (pause > bounds.most)
        return name + " pauses for " + to_text(pause) + ", longer than its rule says";
    if (whole && pause < bounds.least)
        return name + " pauses for " + to_text(pause) + ", shorter than its rule says";
    return "";
}

/// Of a crash loop one transition tells: the first, and no other before somebody else than the
/// process itself has made it start, or it has served.
std::string PauseChecks::check_telling(const status::Transition& transition) {
    const spec::InstanceName& name = transition.instance;
    const bool by_itself = transition.cause.kind == status::CauseKind::ProcessExit ||
                           transition.cause.kind == status::CauseKind::Check;
    if (transition.to == status::State::Running) running_since_[name] = transition.time;
    const auto running = running_since_.find(name);
    const bool served = transition.from == status::State::Running &&
                        running != running_since_.end() &&
                        transition.time - running->second >= core::kCrashLoopOver;
    if (!by_itself || served) told_at_.erase(name);
    if (transition.to != status::State::CrashLooping) {
        if (!transition.begins_crash_loop) return "";
        return spec::to_text(name) + " tells of a crash loop that it is not in";
    }
    const bool first = ever_told_.insert(name).second;
    if (!transition.begins_crash_loop) {
        return first ? spec::to_text(name) + " is in a crash loop that nobody is told of" : "";
    }
    const auto told = told_at_.find(name);
    // A daemon that takes over tells once more what the one before may not have told.
    if (told != told_at_.end() && told->second != transition.time) {
        return spec::to_text(name) + " tells of one crash loop twice";
    }
    told_at_[name] = transition.time;
    return "";
}

int PauseChecks::starts_per_minute_max(const spec::RestartSpec& rule) {
    // DockerRestart's ten, with room for runs that live ten seconds and for a roll-out's turn.
    constexpr int kGrowingPauses = 14;
    constexpr int kFiveInTenSeconds = 7 * 5;
    constexpr int kTenInFiveSeconds = 13 * 11;
    constexpr int kOneASecond = 64;
    constexpr int kOneInFourSeconds = 18;
    if (std::holds_alternative<spec::SystemdRestart>(rule)) return kFiveInTenSeconds;
    if (std::holds_alternative<spec::UpstartRestart>(rule)) return kTenInFiveSeconds;
    if (std::holds_alternative<spec::SupervisordRestart>(rule)) return kOneASecond;
    if (std::holds_alternative<spec::BluepillRestart>(rule)) return kOneInFourSeconds;
    return kGrowingPauses;
}

std::uint32_t PauseChecks::restarts_before_giving_up(const spec::RestartSpec& rule) {
    if (const auto* docker = std::get_if<spec::DockerRestart>(&rule)) return docker->retries_max;
    if (const auto* upstart = std::get_if<spec::UpstartRestart>(&rule)) return upstart->limit;
    if (const auto* systemd = std::get_if<spec::SystemdRestart>(&rule)) {
        return systemd->start_limit_burst - 1;
    }
    if (const auto* supervisord = std::get_if<spec::SupervisordRestart>(&rule)) {
        return supervisord->retries_max;
    }
    return 0;
}

}  // namespace reeve::sim
