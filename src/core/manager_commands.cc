#include <algorithm>

#include "base/check.h"
#include "core/manager_impl.h"

// Commands of operators: each is refused or accepted at once, and done when the instances that it
// is about have come to where it sends them.
namespace reeve::core {

void Manager::Impl::command(Turn& turn, const Command& command) {
    if (operations_.find(command.operation) != nullptr) {
        operations_.answer_again(command.operation, turn.out);
        return;
    }
    if (operations_.is_full()) {
        turn.out.push_back(Refused{command.operation, Refusal::Busy,
                                   "too many commands are in flight; try again later"});
        return;
    }
    const bool taken_at_the_end = std::holds_alternative<Stop>(command.kind) ||
                                  std::holds_alternative<Signal>(command.kind) ||
                                  std::holds_alternative<Emit>(command.kind) ||
                                  std::holds_alternative<Shutdown>(command.kind);
    if ((shutting_down_ || farewell_) && !taken_at_the_end) {
        refuse(turn, command.operation, Refusal::Busy, "reeve is shutting down");
        return;
    }
    status::Cause cause = command.cause;
    cause.id = ++last_cause_;
    const SharedCause shared = std::make_shared<status::Cause>(std::move(cause));
    std::visit([&](const auto& kind) { run_command(turn, command.operation, shared, kind); },
               command.kind);
    if (operations_.find(command.operation)->refused) return;
    operations_.close(command.operation, turn.now, turn.out);
}

void Manager::Impl::refuse(Turn& turn, OperationId id, Refusal refusal,
                           const std::string& message) {
    operations_.refuse(Refused{id, refusal, message}, turn.now, turn.out);
}

/// The members that the targets mean, in the order of their names; refuses if one means nothing.
std::optional<std::vector<Member*>> Manager::Impl::select(
    Turn& turn, OperationId id, const std::vector<spec::Target>& targets) {
    std::vector<Member*> selected;
    std::vector<bool> met(targets.size(), false);
    for (auto& [name, app] : apps_) {
        for (Member* member : members_of(app)) {
            bool wanted = false;
            for (std::size_t i = 0; i < targets.size(); ++i) {
                if (!spec::matches(targets[i], member->life.name())) continue;
                met[i] = true;
                wanted = true;
            }
            if (wanted && !member->life.is_removing()) selected.push_back(member);
        }
    }
    if (targets.empty()) {
        refuse(turn, id, Refusal::Invalid, "no target was given");
        return std::nullopt;
    }
    for (std::size_t i = 0; i < targets.size(); ++i) {
        const bool names_an_app = targets[i].instance.empty() && apps_.contains(targets[i].app);
        if (met[i] || names_an_app) continue;
        refuse(turn, id, Refusal::NoSuchTarget, "no such target: " + spec::to_text(targets[i]));
        return std::nullopt;
    }
    return selected;
}

void Manager::Impl::accept(const Turn& turn, OperationId id, const std::string& verb,
                           const std::vector<Member*>& members) {
    operations_.accept(id, verb, turn.now);
    for (const Member* member : members)
        operations_.add_instance(id, member->life.name());
}

/// The operation is about whatever of the app it waits for.
void Manager::Impl::name_waiting(OperationId id, AppState& app) {
    for (const Member* member : members_of(app)) {
        const bool waited_for = std::any_of(member->waits.begin(), member->waits.end(),
                                            [&](const Wait& wait) { return wait.operation == id; });
        if (waited_for) operations_.add_instance(id, member->life.name());
    }
}

/// The operation is not done before the member has come to where it should be.
void Manager::Impl::wait(Member& member, OperationId id, Expect expect) {
    operations_.wait_for(id);
    member.waits.push_back(Wait{id, expect});
    touch(member);
}

void Manager::Impl::run_command(Turn& turn, OperationId id, const SharedCause& cause,
                                const Start& start) {
    const auto members = select(turn, id, start.targets);
    if (!members) return;
    accept(turn, id, "started", *members);
    for (Member* member : *members) {
        if (member->life.is_job()) {
            begin_job_start(turn, id, cause, *member, {});
            continue;
        }
        member->life.start(turn, cause, "start asked for");
        wait(*member, id, Expect::Up);
    }
    persist_formations(turn, *members);
}

void Manager::Impl::run_command(Turn& turn, OperationId id, const SharedCause& cause,
                                const Stop& stop) {
    const auto members = select(turn, id, stop.targets);
    if (!members) return;
    accept(turn, id, "stopped", *members);
    for (Member* member : *members) {
        if (member->life.is_job()) {
            begin_job_stop(turn, id, cause, *member, {});
            continue;
        }
        member->life.stop(turn, cause, "stop asked for");
        wait(*member, id, Expect::Down);
    }
    persist_formations(turn, *members);
}

void Manager::Impl::run_command(Turn& turn, OperationId id, const SharedCause& cause,
                                const Restart& restart) {
    const auto members = select(turn, id, restart.targets);
    if (!members) return;
    accept(turn, id, "restarted", *members);
    std::vector<ServiceState*> services;
    for (Member* member : *members) {
        if (member->life.is_job()) {
            begin_job_restart(turn, id, cause, *member, {});
            continue;
        }
        const bool was_up = member->life.goal() == status::Goal::Up;
        if (!was_up) member->life.start(turn, cause, "restart asked for");
        if (member->rolling != Rolling::Active) begin_rolling(*member, cause, "restart asked for");
        const bool starts_already = !was_up && !member->life.is_serving();
        if (starts_already) {
            member->rolling = Rolling::Active;
            member->order.reset();
        }
        wait(*member, id, Expect::Replaced);
        services.push_back(&service_of(*member));
    }
    services.erase(std::unique(services.begin(), services.end()), services.end());
    for (ServiceState* service : services)
        advance_rollout(turn, *service);
    persist_formations(turn, *members);
}

void Manager::Impl::run_command(Turn& turn, OperationId id, const SharedCause& cause,
                                const Signal& signal) {
    const auto members = select(turn, id, signal.targets);
    if (!members) return;
    if (signal.signal <= 0) {
        refuse(turn, id, Refusal::Invalid, "no such signal");
        return;
    }
    accept(turn, id, "signalled", *members);
    for (Member* member : *members) {
        if (member->life.signal(turn, cause, signal.signal)) continue;
        operations_.note_problem(id, spec::to_text(member->life.name()) + ": no process to signal");
    }
}

void Manager::Impl::run_command(Turn& turn, OperationId id, const SharedCause& cause,
                                const Reload& reload) {
    const auto members = select(turn, id, reload.targets);
    if (!members) return;
    accept(turn, id, "reloaded", *members);
    for (Member* member : *members) {
        if (member->life.reload(turn, cause)) continue;
        operations_.note_problem(id, spec::to_text(member->life.name()) + ": no process to signal");
    }
}

void Manager::Impl::run_command(Turn& turn, OperationId id, const SharedCause& cause,
                                const Unmonitor& command) {
    const auto members = select(turn, id, command.targets);
    if (!members) return;
    accept(turn, id, "left alone", *members);
    for (Member* member : *members) {
        member->life.unmonitor(turn, cause);
        touch(*member);
    }
    persist_formations(turn, *members);
}

void Manager::Impl::run_command(Turn& turn, OperationId id, const SharedCause& cause,
                                const Shutdown& command) {
    if (command.farewell && !shutting_down_ && !farewell_ && has_jobs()) {
        return say_farewell(turn, id, cause, *command.farewell);
    }
    operations_.accept(id, "stopped", turn.now);
    if (farewell_) end_farewell(turn);  // asked for twice: at once, then
    stop_everything(turn, id, cause);
}

void Manager::Impl::stop_everything(Turn& turn, OperationId id, const SharedCause& cause) {
    shutting_down_ = true;
    turn.shutting_down = true;
    std::vector<Member*> members;
    for (auto& [name, app] : apps_) {
        for (auto& [service_name, service] : app.services) {
            if (service.start_latches.empty()) continue;
            reset_latches(service.start_latches);  // nothing will be started by them
            dirty_apps_.insert(name);
        }
        for (Member* member : members_of(app)) {
            if (!member->life.is_at_rest()) members.push_back(member);
        }
    }
    for (Member* member : members) {
        operations_.add_instance(id, member->life.name());
        member->life.shut_down(turn, cause);
        wait(*member, id, Expect::Down);
    }
}

void Manager::Impl::run_command(Turn& turn, OperationId id, const SharedCause& cause,
                                const UnloadApp& unload) {
    const auto found = apps_.find(unload.app);
    if (found == apps_.end()) {
        refuse(turn, id, Refusal::NoSuchTarget, "no such app: " + unload.app);
        return;
    }
    AppState& app = found->second;
    if (app.switching) abort_switch(turn, app, "unloaded meanwhile");
    const std::vector<Member*> members = members_of(app);
    accept(turn, id, "unloaded " + unload.app + ":", members);
    app.unloading = true;
    for (auto& [service_name, service] : app.services)
        reset_latches(service.start_latches);
    dirty_apps_.insert(unload.app);
    for (Member* member : members) {
        member->life.remove(turn, cause, "unload asked for");
        wait(*member, id, Expect::Gone);
    }
    turn.out.push_back(PersistApp{unload.app, nullptr});
    erase_app_if_empty(unload.app);
}

void Manager::Impl::run_command(Turn& turn, OperationId id, const SharedCause& cause,
                                const Scale& scale) {
    const auto found = apps_.find(scale.app);
    if (found == apps_.end() || found->second.unloading) {
        refuse(turn, id, Refusal::NoSuchTarget, "no such app: " + scale.app);
        return;
    }
    AppState& app = found->second;
    if (app.app->formation_fixed) {
        refuse(turn, id, Refusal::Invalid,
               "the formation of " + scale.app + " is given by its own configuration");
        return;
    }
    for (const Scale::Count& count : scale.counts) {
        const std::string name = scale.app + "/" + count.service;
        if (spec::find_service(*app.app, count.service) == nullptr) {
            return refuse(turn, id, Refusal::NoSuchTarget, "no such service: " + name);
        }
        if (spec::find_service(*app.app, count.service)->job) {
            return refuse(turn, id, Refusal::Invalid,
                          name + " is a job: its instances come by starts and events");
        }
        if (count.instances > spec::kInstancesMax) {
            return refuse(turn, id, Refusal::Invalid,
                          name + ": at most " + std::to_string(spec::kInstancesMax) + " instances");
        }
    }
    operations_.accept(id, "scaled " + scale.app + ":", turn.now);
    const status::Goal goal = is_down(app) ? status::Goal::Down : status::Goal::Up;
    for (const Scale::Count& count : scale.counts) {
        app.services[count.service].scaled = count.instances;
        scale_service(turn, id, cause, app, *spec::find_service(*app.app, count.service), goal);
    }
    name_waiting(id, app);
    dirty_apps_.insert(scale.app);
    persist_formation(turn, app);
}

// ---- The formation, as it is remembered.

void Manager::Impl::persist_formations(Turn& turn, const std::vector<Member*>& members) {
    std::set<std::string> names;
    for (const Member* member : members)
        names.insert(member->life.name().app);
    for (const std::string& name : names)
        persist_formation(turn, apps_.at(name));
}

void Manager::Impl::persist_formation(Turn& turn, const AppState& app) {
    if (app.unloading) return;
    turn.out.push_back(PersistFormation{app.app->name, to_text(formation_of(app))});
}

Formation Manager::Impl::formation_of(const AppState& app) const {
    Formation formation;
    for (const auto& [name, service] : app.services) {
        if (service.scaled) formation.scaled[name] = *service.scaled;
        for (const auto& [key, member] : service.members) {
            if (member->life.is_job()) continue;  // events start them at boot
            const status::Goal goal = member->life.goal();
            if (goal == status::Goal::Up || member->life.is_removing()) continue;
            formation.goals[name][key] = goal;
        }
    }
    return formation;
}

}  // namespace reeve::core
