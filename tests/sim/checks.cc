#include "sim/checks.h"

#include <algorithm>
#include <utility>

namespace reeve::sim {
namespace {

/// Whether what the instance began in this step ended in it: by a release that is no more.
bool is_taken_back(const core::Actions& actions, const spec::InstanceName& instance) {
    return std::any_of(actions.begin(), actions.end(), [&](const core::Action& action) {
        const auto* record = std::get_if<core::RecordTransition>(&action);
        return record != nullptr && record->transition.instance == instance &&
               record->transition.reason == "the new release failed";
    });
}

}  // namespace

void Checks::command_given(TimePoint now) {
    last_command_ = now;
    pauses_.forget();
    lives_.command_given();
    probes_.forget();
}

void Checks::forget_transitions() {
    shown_.clear();
    step_lost_ = true;
    pauses_.forget();
    lives_.step_lost();
    switches_.forget();
    retires_.forget();
}

void Checks::after_event(core::Manager& manager, const core::Event& event,
                         const core::Actions& actions, const World& world, TimePoint now) {
    before_ = std::exchange(seen_, {});
    services_.clear();
    apps_.clear();
    for (const status::App& app : manager.apps()) {
        apps_.push_back(manager.find_app(app.name));
        for (const spec::Service& service : apps_.back()->services) {
            // Events start jobs as often as they come.
            const spec::InstanceName name{app.name, service.name, 0, ""};
            if (!service.job) services_[name] = &service;
        }
    }
    manager.visit_instances(
        {}, [&](const status::Instance& instance) { seen_[instance.name] = instance; });
    note_policies();
    for (const core::Action& action : actions) {
        if (const auto* spawn = std::get_if<core::SpawnRun>(&action)) {
            check_spawn(*spawn, world, now);
            check_goal(*spawn, actions);
        }
        if (const auto* record = std::get_if<core::RecordTransition>(&action)) {
            check_transition(record->transition);
            check_pause(record->transition);
            if (!is_taken_back(actions, record->transition.instance))
                check_needs(manager, actions, record->transition);
        }
        if (const auto* forget = std::get_if<core::ForgetInstance>(&action)) {
            shown_.erase(forget->instance);
        }
    }
    const std::string breach = lives_.after_event(event, actions, world, now);
    if (!breach.empty()) fail(breach);
    const std::string unwell = probes_.after_event(event, actions, seen_, now);
    if (!unwell.empty()) fail(unwell);
    const std::string half = switches_.after_event(event, actions, before_, seen_);
    if (!half.empty()) fail(half);
    const std::string late =
        retires_.after_event(event, actions, before_, seen_, manager.draining_apps(), world, now);
    if (!late.empty()) fail(late);
    check_brake(actions, world, now);
    for (const auto& [name, instance] : seen_) {
        check_instance(instance, world);
        check_backoff(manager, instance);
        check_needs_waited_for(instance);
    }
    step_lost_ = false;
    if (!world.complaint().empty()) fail(world.complaint());
}

/// What follows an end is decided when it begins: a policy that comes meanwhile is for the next.
void Checks::note_policies() {
    const auto is_ending = [](const status::Instance& instance) {
        return instance.state == status::State::Stopping || instance.state == status::State::Stuck;
    };
    for (const auto& [name, instance] : before_) {
        const auto now = seen_.find(name);
        if (now == seen_.end() || !is_ending(instance)) {
            by_former_policy_.erase(name);
        } else if (now->second.restart != instance.restart) {
            by_former_policy_.insert(name);
        }
    }
}

/// nullptr: none, or an instance of a job, whatever its service has become meanwhile.
const spec::Service* Checks::service_of(const spec::InstanceName& instance) const {
    const auto service = services_.find({instance.app, instance.service, 0, ""});
    return instance.index == 0 || service == services_.end() ? nullptr : service->second;
}

void Checks::check_spawn(const core::SpawnRun& spawn, const World& world, TimePoint now) {
    const std::string name = spec::to_text(spawn.instance);
    const auto instance = seen_.find(spawn.instance);
    if (instance == seen_.end()) return fail(name + " is started and unknown");
    if (spawn.role != core::RunRole::Main || spawn.service->job) return;
    int starts = 1;
    for (const auto& [run, process] : world.processes()) {
        if (process.instance != spawn.instance || process.role != core::RunRole::Main) continue;
        if (process.is_alive() && process.port_slot == spawn.port_slot) {
            fail(name + " is started beside a living run on the same port");
        }
        if (process.spawned_at > std::max(last_command_, now - 60s)) ++starts;
    }
    if (starts > PauseChecks::starts_per_minute_max(spawn.service->restart))
        fail(name + " is started too often");
}

/// What fails in the same turn in which it began may be taken back in it.
void Checks::check_goal(const core::SpawnRun& spawn, const core::Actions& actions) {
    const auto instance = seen_.find(spawn.instance);
    if (spawn.role != core::RunRole::Main || spawn.service->job || instance == seen_.end()) return;
    const bool taken_back =
        std::any_of(actions.begin(), actions.end(), [&](const core::Action& action) {
            const auto* killed = std::get_if<core::KillRun>(&action);
            return killed != nullptr && killed->run == spawn.run;
        });
    if (instance->second.goal == status::Goal::Down && !taken_back) {
        fail(spec::to_text(spawn.instance) + " is started against its goal");
    }
}

void Checks::check_brake(const core::Actions& actions, const World& world, TimePoint now) {
    std::uint32_t spawning = 0;
    for (const auto& [run, process] : world.processes()) {
        const bool overdue = now >= process.spawned_at + process.spawn_timeout;
        if (process.main_alive && !process.executed && !overdue) ++spawning;
    }
    for (const core::Action& action : actions) {
        if (std::holds_alternative<core::SpawnRun>(action)) ++spawning;
    }
    if (spawning > spawning_max_) fail("the start brake does not hold");
    if (spawning > 0 || world.has_facts()) return;
    for (const auto& [name, instance] : seen_) {
        if (instance.state != status::State::Waiting || instance.reason != "start brake") continue;
        fail(spec::to_text(name) + " waits at a brake that nobody holds");
    }
}

void Checks::check_transition(const status::Transition& transition) {
    const std::string name = spec::to_text(transition.instance);
    const auto before = shown_.find(transition.instance);
    if (before != shown_.end() && before->second.state != transition.from) {
        fail(name + ": a transition starts at " + to_text(transition.from) + ", not at " +
             to_text(before->second.state));
    }
    if (transition.reason.empty()) fail(name + ": a transition without a reason");
    if (transition.cause.id == 0) fail(name + ": a transition without a cause");
    const bool was_added = before != shown_.end() && before->second.added &&
                           before->second.cause == transition.cause.id;
    const bool added = transition.reason.starts_with("wanted") || was_added;
    shown_[transition.instance] = Shown{transition.to, transition.cause.id, added};
    if (transition.from == status::State::Running && transition.to == status::State::Stopping) {
        check_rollout(transition);
    }
}

void Checks::check_pause(const status::Transition& transition) {
    const auto instance = seen_.find(transition.instance);
    const spec::Service* service = service_of(transition.instance);
    if (instance == seen_.end() || service == nullptr) return;
    if (by_former_policy_.contains(transition.instance)) return;
    const std::string breach = pauses_.after_transition(transition, instance->second, *service);
    if (!breach.empty()) fail(breach);
}

bool Checks::is_met(const spec::InstanceName& of, const spec::Need& need, bool before) const {
    const std::string& app = need.app.empty() ? of.app : need.app;
    std::set<std::string> wanted;  // services
    std::set<std::string> ready;   // by any instance, one that is left alone included
    for (const auto& [name, instance] : before ? before_ : seen_) {
        const bool meant = need.service.empty() || name.service == need.service;
        if (name.app != app || !meant) continue;
        const bool counts = !need.service.empty() || instance.goal == status::Goal::Up;
        if (counts) wanted.insert(name.service);
        if (instance.ready) ready.insert(name.service);
    }
    return !wanted.empty() &&
           std::includes(ready.begin(), ready.end(), wanted.begin(), wanted.end());
}

/// Nothing starts before what it needs was ready, at the beginning or the end of this step.
/// A job that is started again keeps the configuration that its life has begun with.
void Checks::check_needs(const core::Manager& manager, const core::Actions& actions,
                         const status::Transition& transition) {
    const bool begins =
        transition.to == status::State::Starting &&
        (transition.from == status::State::Stopped || transition.from == status::State::Backoff ||
         transition.from == status::State::Failed);
    const auto app = manager.find_app(transition.instance.app);
    const spec::Service* service =
        app == nullptr ? nullptr : spec::find_service(*app, transition.instance.service);
    std::set<std::string> came_up;  // in this step; it may have ended in it, too
    for (const core::Action& action : actions) {
        const auto* spawn = std::get_if<core::SpawnRun>(&action);
        if (spawn != nullptr && spawn->instance == transition.instance) service = spawn->service;
        const auto* record = std::get_if<core::RecordTransition>(&action);
        if (record == nullptr || record->transition.to != status::State::Running) continue;
        came_up.insert(record->transition.instance.app + "/" + record->transition.instance.service);
    }
    if (!begins || service == nullptr) return;
    for (const spec::Need& need : service->needs) {
        if (is_met(transition.instance, need, true) || is_met(transition.instance, need, false))
            continue;
        const std::string& app = need.app.empty() ? transition.instance.app : need.app;
        if (came_up.contains(app + "/" + need.service)) continue;
        fail(spec::to_text(transition.instance) + " starts without " + to_text(need));
    }
}

/// What waits for a need waits for one that is not met.
void Checks::check_needs_waited_for(const status::Instance& instance) {
    const bool waits = instance.state == status::State::Waiting &&
                       instance.reason.find("needs ") != std::string::npos;
    const spec::Service* service = service_of(instance.name);
    if (!waits || service == nullptr) return;
    for (const spec::Need& need : service->needs) {
        if (!is_met(instance.name, need, false)) return;
    }
    fail(spec::to_text(instance.name) + " waits for a need that is met: " + instance.reason);
}

/// Of what one roll-out has touched, no more than max_unavailable do not serve.
void Checks::check_rollout(const status::Transition& transition) {
    const bool rolled = transition.reason == "restart asked for" ||
                        transition.reason == "its configuration changed";
    const spec::Service* service = service_of(transition.instance);
    if (!rolled || service == nullptr) return;
    std::uint32_t down = 0;
    for (const auto& [name, shown] : shown_) {
        const bool same = name.app == transition.instance.app &&
                          name.service == transition.instance.service &&
                          shown.cause == transition.cause.id && !shown.added;
        const auto instance = seen_.find(name);
        const bool wanted = instance != seen_.end() && instance->second.goal != status::Goal::Down;
        if (wanted && same && shown.state != status::State::Running) ++down;
    }
    if (down > std::max(service->rollout.max_unavailable, 1U)) {
        fail(spec::to_text(transition.instance) + ": too many are down in a roll-out");
    }
}

void Checks::check_instance(const status::Instance& instance, const World& world) {
    const std::string name = spec::to_text(instance.name);
    int mains = 0;
    int candidates = 0;
    for (const status::Run& run : instance.runs) {
        if (run.role == "main") ++mains;
        if (run.role == "replacement") ++candidates;
    }
    if (mains > 1 || candidates > 1) fail(name + " has more than one current run");
    // Of a job, whatever its service has become meanwhile.
    const bool may_have_none = instance.name.index == 0;
    if (instance.state == status::State::Running && mains != 1 && !may_have_none) {
        fail(name + " is running without a process");
    }
    if (instance.state == status::State::Stopped && instance.goal == status::Goal::Down) {
        for (const auto& [run, process] : world.processes()) {
            if (process.instance == instance.name && process.is_alive()) {
                fail(name + " is stopped and has a process");
            }
        }
    }
    const spec::Service* service = service_of(instance.name);
    const auto before = before_.find(instance.name);
    // By the policy of then: a load may have changed it afterwards.
    const bool just_now = before == before_.end() || before->second.state != status::State::Failed;
    const bool by_this_policy = !step_lost_ && !by_former_policy_.contains(instance.name);
    if (instance.state == status::State::Failed && just_now && by_this_policy &&
        service != nullptr) {
        check_given_up(instance, *service);
    }
}

/// The lower bound on starts: nobody gives up early.
void Checks::check_given_up(const status::Instance& instance, const spec::Service& service) {
    const std::string name = spec::to_text(instance.name);
    if (instance.restart != to_text(service.restart)) return;  // the policy was changed afterwards
    if (std::holds_alternative<spec::AutoRestart>(service.restart)) {
        const bool final = instance.reason.find("code 78") != std::string::npos ||
                           instance.reason.find("No such file") != std::string::npos;
        if (!final) fail(name + " is given up for no reason: " + instance.reason);
    }
    const bool crashed =
        instance.reason.starts_with("exited") || instance.reason.starts_with("killed");
    if (crashed && !std::holds_alternative<spec::AutoRestart>(service.restart) &&
        instance.restarts < PauseChecks::restarts_before_giving_up(service.restart) &&
        instance.reason.find("given up by") == std::string::npos) {
        fail(name + " is given up after " + std::to_string(instance.restarts) + " restarts");
    }
}

void Checks::check_backoff(const core::Manager& manager, const status::Instance& instance) {
    const bool pausing =
        instance.state == status::State::Backoff || instance.state == status::State::CrashLooping;
    if (pausing != instance.next_attempt.has_value()) fail("a pause without an end");
    if (!pausing) return;
    if (!manager.deadline() || *manager.deadline() > *instance.next_attempt) {
        fail(spec::to_text(instance.name) + " would not be woken");
    }
}

}  // namespace reeve::sim
