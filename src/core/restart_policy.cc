#include "core/restart_policy.h"

#include <variant>

namespace reeve::core {
namespace {

constexpr std::uint64_t kMomentsMax = 1000;  // of a journal's record

template <typename... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

}  // namespace

Decision RestartPolicy::after_end(const spec::RestartSpec& rule, const End& end, TimePoint now,
                                  Random& random) {
    if (rule.index() != kind_) forget();
    kind_ = rule.index();
    if (end.ready_for && *end.ready_for >= kCrashLoopOver) crash_loop_told_ = false;
    return std::visit(
        Overloaded{[&](const spec::AutoRestart& automatic) {
                       return decide(automatic, end, now, random, memory_);
                   },
                   [&](const spec::NoRestart&) { return no_restart(end); },
                   [&](const auto& preset) { return decide(preset, end, now, memory_); }},
        rule);
}

RestartAt RestartPolicy::after_check(const spec::RestartSpec& rule, const End& end, TimePoint now,
                                     Random& random) {
    const bool automatic = std::holds_alternative<spec::AutoRestart>(rule);
    const auto* bluepill = std::get_if<spec::BluepillRestart>(&rule);
    if (!automatic && bluepill == nullptr) return RestartAt{now};
    const Decision decision = after_end(rule, end, now, random);
    const RestartAt* restart = std::get_if<RestartAt>(&decision);
    const bool flapping = restart != nullptr && restart->crash_looping;
    if (restart == nullptr || (bluepill != nullptr && !flapping)) return RestartAt{now};
    return *restart;
}

void RestartPolicy::write(ByteWriter& writer) const {
    writer.number(kind_);
    writer.number(memory_.ends);
    writer.duration(memory_.pause);
    writer.deadline(memory_.window_begin);
    writer.number(memory_.window_count);
    writer.number(memory_.moments.size());
    for (const TimePoint moment : memory_.moments)
        writer.time(moment);
    writer.flag(crash_loop_told_);
}

RestartPolicy RestartPolicy::read(ByteReader& reader) {
    RestartPolicy policy;
    policy.kind_ = static_cast<std::size_t>(reader.number());
    policy.memory_.ends = static_cast<std::uint32_t>(reader.number());
    policy.memory_.pause = reader.duration();
    policy.memory_.window_begin = reader.deadline();
    policy.memory_.window_count = static_cast<std::uint32_t>(reader.number());
    const std::uint64_t count = reader.number();
    for (std::uint64_t i = 0; i < count && i < kMomentsMax && reader.ok(); ++i) {
        policy.memory_.moments.push_back(reader.time());
    }
    policy.crash_loop_told_ = reader.flag();
    return policy;
}

// ---- What every rule asks of an end.

const status::ExitCode* exit_code(const End& end) {
    const status::Exit* exit = std::get_if<status::Exit>(&end.how);
    return exit == nullptr ? nullptr : std::get_if<status::ExitCode>(exit);
}

const status::ExitSignal* exit_signal(const End& end) {
    const status::Exit* exit = std::get_if<status::Exit>(&end.how);
    return exit == nullptr ? nullptr : std::get_if<status::ExitSignal>(exit);
}

bool is_success(const End& end) {
    const status::Exit* exit = std::get_if<status::Exit>(&end.how);
    return exit != nullptr && status::is_success(*exit);
}

Decision no_restart(const End& end) {
    if (is_success(end)) return StayDown{};
    return GiveUp{};
}

}  // namespace reeve::core
