#include "core/run_checks.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "core/codec.h"

namespace reeve::core {

TimePoint aligned(TimePoint due, Duration every) {
    if (every < 1s) return due;
    return TimePoint(std::chrono::ceil<std::chrono::seconds>(due.time_since_epoch()));
}

namespace {

TimePoint first_due(const spec::Check& check, TimePoint now) {
    if (const auto* uptime = std::get_if<spec::UptimeProbe>(&check.probe)) {
        return now + uptime->at_least;
    }
    const TimePoint due = now + check.initial_delay;
    if (const auto* watchdog = std::get_if<spec::WatchdogProbe>(&check.probe)) {
        return due + watchdog->within;
    }
    return due;
}

TimePoint next_due(const spec::Check& check, const CheckState& state, TimePoint now) {
    if (const auto* watchdog = std::get_if<spec::WatchdogProbe>(&check.probe)) {
        return now + watchdog->within;
    }
    if (check.role == spec::CheckRole::Startup) return now + check.every;
    return aligned(std::max(state.asked_at + check.every, now), check.every);
}

}  // namespace

bool RunChecks::is_active(const spec::Check& check) const {
    switch (phase_) {
        case CheckPhase::None:
            return false;
        case CheckPhase::Startup:
            return check.role == spec::CheckRole::Startup;
        case CheckPhase::Running:
            return check.role != spec::CheckRole::Startup;
    }
    CHECK(false);
}

void RunChecks::enter(CheckPhase phase, const spec::Service& service, TimePoint now) {
    if (phase == phase_) return;
    phase_ = phase;
    restart(service, now);
}

void RunChecks::restart(const spec::Service& service, TimePoint now) {
    states_.clear();
    if (phase_ == CheckPhase::None) return;
    states_.resize(service.checks.size());
    for (std::size_t i = 0; i < states_.size(); ++i) {
        const spec::Check& check = service.checks[i];
        if (is_active(check)) states_[i].due = first_due(check, now);
    }
}

Deadline RunChecks::deadline() const {
    Deadline result;
    for (const CheckState& state : states_)
        result = earliest(result, state.due);
    return result;
}

std::optional<std::uint32_t> RunChecks::due_check(TimePoint now) const {
    for (std::size_t i = 0; i < states_.size(); ++i) {
        if (states_[i].due && *states_[i].due <= now) return static_cast<std::uint32_t>(i);
    }
    return std::nullopt;
}

std::uint64_t RunChecks::ask(std::uint32_t check, TimePoint now, TimePoint patience) {
    CheckState& state = states_.at(check);
    state.asked = true;
    state.asked_at = now;
    state.due = patience;
    state.number = ++last_number_;
    return state.number;
}

CheckVerdict RunChecks::add(std::uint32_t check, const spec::Check& spec, Sample sample,
                            TimePoint now) {
    CheckState& state = states_.at(check);
    const bool passed = sample.passed;
    state.asked = false;
    state.history.add(std::move(sample), spec.times);
    state.due = next_due(spec, state, now);
    const bool fires = !passed && state.history.fires(spec.times);
    if (spec.role == spec::CheckRole::Startup && (passed || fires)) {
        state.passed = passed || spec.warn_only;
        state.due.reset();
    }
    if (passed) {
        state.unready = false;
        return CheckVerdict{false, std::exchange(state.firings, 0) > 0};
    }
    if (!fires) return CheckVerdict{};
    ++state.firings;
    if (spec.role == spec::CheckRole::Readiness && !spec.warn_only) state.unready = true;
    return CheckVerdict{true, false};
}

void RunChecks::ping(const spec::Service& service, TimePoint now) {
    for (std::size_t i = 0; i < states_.size(); ++i) {
        const auto* watchdog = std::get_if<spec::WatchdogProbe>(&service.checks[i].probe);
        if (watchdog != nullptr && states_[i].due) states_[i].due = now + watchdog->within;
    }
}

bool RunChecks::startup_passed(const spec::Service& service) const {
    for (std::size_t i = 0; i < service.checks.size(); ++i) {
        if (service.checks[i].role != spec::CheckRole::Startup) continue;
        const bool passed = i < states_.size() && states_[i].passed;
        if (!passed) return false;
    }
    return true;
}

bool RunChecks::is_ready() const {
    return std::none_of(states_.begin(), states_.end(),
                        [](const CheckState& state) { return state.unready; });
}

void RunChecks::write(ByteWriter& writer) const {
    write_enum(writer, phase_);
    writer.number(last_number_);
    writer.number(states_.size());
    for (const CheckState& state : states_) {
        state.history.write(writer);
        writer.deadline(state.due);
        writer.time(state.asked_at);
        writer.number(state.number);
        writer.flag(state.asked);
        writer.flag(state.passed);
        writer.flag(state.unready);
        writer.number(state.firings);
    }
}

RunChecks RunChecks::read(ByteReader& reader, const spec::Service& service) {
    RunChecks checks;
    checks.phase_ = read_enum(reader, CheckPhase::Running);
    checks.last_number_ = reader.number();
    const std::uint64_t count = reader.number();
    for (std::uint64_t i = 0; i < count && i < spec::kChecksMax && reader.ok(); ++i) {
        CheckState state;
        state.history = CheckHistory::read(reader);
        state.due = reader.deadline();
        state.asked_at = reader.time();
        state.number = reader.number();
        state.asked = reader.flag();
        state.passed = reader.flag();
        state.unready = reader.flag();
        state.firings = static_cast<std::uint32_t>(reader.number());
        checks.states_.push_back(std::move(state));
    }
    const bool fits = checks.states_.empty() || checks.states_.size() == service.checks.size();
    if (!fits) checks.states_.assign(service.checks.size(), CheckState{});
    return checks;
}

}  // namespace reeve::core
