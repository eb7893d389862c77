#include "core/restart_policy.h"

#include <algorithm>

namespace reeve::core {
namespace {

constexpr std::uint32_t kDoublingsMax = 30;       // a pause is capped long before
constexpr std::uint64_t kUnstableEndsMax = 1000;  // of a journal's record

bool is_success(const End& end) {
    const status::Exit* exit = std::get_if<status::Exit>(&end.how);
    return exit != nullptr && status::is_success(*exit);
}

bool is_final(const spec::AutoRestart& rule, const End& end) {
    if (const StartFailure* failure = std::get_if<StartFailure>(&end.how)) {
        return failure->program_missing;
    }
    const status::ExitCode* code =
        std::get_if<status::ExitCode>(std::get_if<status::Exit>(&end.how));
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

}  // namespace

Decision RestartPolicy::after_end(const spec::RestartSpec& rule, const End& end, TimePoint now,
                                  Random& random) {
    if (const auto* automatic = std::get_if<spec::AutoRestart>(&rule)) {
        return decide(*automatic, end, now, random);
    }
    if (const auto* docker = std::get_if<spec::DockerRestart>(&rule)) {
        return decide(*docker, end, now);
    }
    return decide(spec::NoRestart{}, end);
}

void RestartPolicy::forget() {
    ends_ = 0;
    docker_pause_ = Duration{};
    unstable_.clear();
}

Decision RestartPolicy::decide(const spec::AutoRestart& rule, const End& end, TimePoint now,
                               Random& random) {
    if (is_final(rule, end)) return GiveUp{};
    if (is_success(end) && !rule.restart_after_success) return StayDown{};
    if (end.ready_for && *end.ready_for >= rule.forget_after) forget();

    const bool good_service = end.ready_for && end.lived >= rule.good_service;
    const bool crash_looping = !good_service && note_unstable(rule, now);
    ++ends_;
    if (ends_ == 1) return RestartAt{now + (good_service ? Duration{} : rule.first_pause), false};

    const Duration cap = good_service ? rule.cap_after_service : rule.cap_unstable;
    const std::uint32_t doublings = std::min(ends_ - 2, kDoublingsMax);
    const Duration pause = std::min(rule.pause_unit * (std::int64_t{1} << doublings), cap);
    return RestartAt{now + vary(pause, rule.jitter_percent, random), crash_looping};
}

bool RestartPolicy::note_unstable(const spec::AutoRestart& rule, TimePoint now) {
    unstable_.push_back(now);
    std::erase_if(unstable_, [&](TimePoint end) { return end + rule.crash_loop_within < now; });
    while (unstable_.size() > std::max(rule.crash_loop_ends, 1U))
        unstable_.erase(unstable_.begin());
    return unstable_.size() >= std::max(rule.crash_loop_ends, 1U);
}

// Source: moby restartmanager ShouldRestart.
Decision RestartPolicy::decide(const spec::DockerRestart& rule, const End& end, TimePoint now) {
    const bool success = is_success(end);
    switch (rule.mode) {
        case spec::DockerMode::No:
            return decide(spec::NoRestart{}, end);
        case spec::DockerMode::Always:
        case spec::DockerMode::UnlessStopped:
            break;
        case spec::DockerMode::OnFailure:
            if (success) return StayDown{};
            break;
    }
    if (end.ready_for && *end.ready_for >= rule.forget_after) forget();
    if (rule.mode == spec::DockerMode::OnFailure && rule.retries_max != 0 &&
        ends_ >= rule.retries_max) {
        return GiveUp{};
    }
    ++ends_;
    if (docker_pause_ == Duration{} || end.lived >= rule.reset_after) {
        docker_pause_ = rule.first_pause;
    } else {
        docker_pause_ = std::min(docker_pause_ * 2, rule.cap);
    }
    return RestartAt{now + docker_pause_, false};
}

Decision RestartPolicy::decide(const spec::NoRestart&, const End& end) {
    if (is_success(end)) return StayDown{};
    return GiveUp{};
}

void RestartPolicy::write(ByteWriter& writer) const {
    writer.number(ends_);
    writer.duration(docker_pause_);
    writer.number(unstable_.size());
    for (const TimePoint end : unstable_)
        writer.time(end);
}

RestartPolicy RestartPolicy::read(ByteReader& reader) {
    RestartPolicy policy;
    policy.ends_ = static_cast<std::uint32_t>(reader.number());
    policy.docker_pause_ = reader.duration();
    const std::uint64_t count = reader.number();
    for (std::uint64_t i = 0; i < count && i < kUnstableEndsMax && reader.ok(); ++i) {
        policy.unstable_.push_back(reader.time());
    }
    return policy;
}

}  // namespace reeve::core
