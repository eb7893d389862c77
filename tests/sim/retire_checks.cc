#include "sim/retire_checks.h"

#include <signal.h>

#include <algorithm>

namespace reeve::sim {
namespace {

/// Those by which a process is asked to end, or made to.
std::set<core::RunId> asked_to_end(const core::Actions& actions) {
    std::set<core::RunId> runs;
    for (const core::Action& action : actions) {
        if (const auto* kill = std::get_if<core::KillRun>(&action)) runs.insert(kill->run);
        const auto* signal = std::get_if<core::SignalRun>(&action);
        const bool ends =
            signal != nullptr && signal->signal != SIGUSR1 && signal->signal != SIGUSR2;
        if (ends) runs.insert(signal->run);
    }
    return runs;
}

const status::Run* find_run(const RetireChecks::Instances& instances,
                            const spec::InstanceName& name, core::RunId id) {
    const auto instance = instances.find(name);
    if (instance == instances.end()) return nullptr;
    const auto& runs = instance->second.runs;
    const auto run = std::find_if(runs.begin(), runs.end(),
                                  [&](const status::Run& one) { return one.id == id; });
    return run == runs.end() ? nullptr : &*run;
}

bool is_running(const RetireChecks::Instances& instances, const spec::InstanceName& name) {
    const auto instance = instances.find(name);
    return instance != instances.end() && instance->second.state == status::State::Running &&
           instance->second.goal == status::Goal::Up;
}

}  // namespace

std::string RetireChecks::after_event(const core::Event& event, const core::Actions& actions,
                                      const Instances& before, const Instances& after,
                                      const std::vector<std::string>& draining, const World& world,
                                      TimePoint now) {
    note_event(event, now);
    const std::set<core::RunId> signalled = asked_to_end(actions);
    note_begins(before, after, signalled, now);
    std::string breach;
    for (const core::Action& action : actions) {
        const auto* spawn = std::get_if<core::SpawnRun>(&action);
        if (spawn == nullptr || spawn->role != core::RunRole::Main) continue;
        terms_[spawn->run] = Terms{spawn->service->rollout, spawn->service->wants_port,
                                   !spawn->service->stop.steps.empty()};
    }
    for (auto one = retiring_.begin(); one != retiring_.end();) {
        auto& [run, retirement] = *one;
        // What nobody waits for any more, or is being stopped, goes as it can.
        const Process* process = world.find(run);
        const bool gone = process == nullptr || !process->main_alive ||
                          find_run(after, retirement.instance, run) == nullptr;
        if (gone || (retirement.is_replaced && !is_running(after, retirement.instance))) {
            one = retiring_.erase(one);
            continue;
        }
        if (breach.empty() && signalled.contains(run)) breach = note_signal(retirement, now);
        const bool all_due_is_done = std::holds_alternative<core::TimePassed>(event);
        if (breach.empty() && !retirement.is_over)
            breach = check(retirement, all_due_is_done, draining, now);
        one = retirement.is_over ? retiring_.erase(one) : std::next(one);
    }
    return breach;
}

void RetireChecks::note_event(const core::Event& event, TimePoint now) {
    if (const auto* command = std::get_if<core::Command>(&event)) {
        // What runs on takes up another RolloutSpec.
        const auto* load = std::get_if<core::LoadApp>(&command->kind);
        if (load != nullptr) terms_.clear();
        // The ladder of what was taken away may be hastened.
        std::erase_if(retiring_, [](const auto& one) { return !one.second.is_replaced; });
    }
    const auto* traffic_gone = std::get_if<core::TrafficGone>(&event);
    if (traffic_gone == nullptr) return;
    for (auto& [run, retirement] : retiring_) {
        const bool meant = retirement.instance.app == traffic_gone->app;
        if (!meant || !std::exchange(retirement.awaits_proxy, false)) continue;
        retirement.until = std::min(retirement.until, now + retirement.terms.rollout.drain);
    }
}

/// A main process that has become another one's predecessor, or leaves and was sent no signal.
void RetireChecks::note_begins(const Instances& before, const Instances& after,
                               const std::set<core::RunId>& signalled, TimePoint now) {
    for (const auto& [name, instance] : after) {
        const bool is_replaced = is_running(before, name) && is_running(after, name);
        for (const status::Run& run : instance.runs) {
            const auto terms = terms_.find(run.id);
            const status::Run* was = find_run(before, name, run.id);
            if (terms == terms_.end() || was == nullptr || was->role != "main") continue;
            const bool begins = is_replaced ? run.role == "retiring"
                                            : run.role == "leaving" && !signalled.contains(run.id);
            if (!begins || retiring_.contains(run.id)) continue;
            const spec::RolloutSpec& rollout = terms->second.rollout;
            const Duration proxy = terms->second.behind_proxy ? rollout.proxy_wait : Duration{};
            retiring_[run.id] = Retirement{
                name, terms->second, is_replaced, proxy > Duration{}, now + proxy + rollout.drain,
                {}};
        }
    }
}

std::string RetireChecks::note_signal(Retirement& retirement, TimePoint now) {
    const std::string name = spec::to_text(retirement.instance);
    if (retirement.signalled) {
        retirement.is_over = true;
        const bool early = now < *retirement.signalled + retirement.terms.rollout.retire_wait;
        return early ? name + ": what was replaced does not have its time to retire" : "";
    }
    retirement.signalled = now;
    const bool early = retirement.is_replaced && now < retirement.until;
    return early ? name + ": what was replaced is stopped while it is sent requests" : "";
}

std::string RetireChecks::check(const Retirement& retirement, bool all_due_is_done,
                                const std::vector<std::string>& draining, TimePoint now) {
    const std::string name = spec::to_text(retirement.instance);
    if (!retirement.signalled) {
        if (all_due_is_done && now >= retirement.until)
            return name + ": what was replaced goes on past its time";
        const bool told =
            std::find(draining.begin(), draining.end(), retirement.instance.app) != draining.end();
        if (retirement.awaits_proxy && !told) return name + ": no proxy is asked to let go of it";
        return "";
    }
    const bool over = now >= *retirement.signalled + retirement.terms.rollout.retire_wait;
    const bool has_wait = retirement.terms.rollout.retire_wait > Duration{};
    if (all_due_is_done && over && has_wait && retirement.terms.has_ladder) {
        return name + ": what was replaced retires for longer than it may";
    }
    return "";
}

}  // namespace reeve::sim
