#include <algorithm>

#include "base/check.h"
#include "core/manager_impl.h"

// How apps come in, change and grow.
namespace reeve::core {

namespace {

bool is_job(const spec::App& app, const std::string& name) {
    const spec::Service* service = spec::find_service(app, name);
    return service != nullptr && service->job;
}

bool brings_jobs(const spec::App& app) {
    return std::any_of(app.services.begin(), app.services.end(),
                       [](const spec::Service& service) { return service.job.has_value(); });
}

}  // namespace

void Manager::Impl::run_command(Turn& turn, OperationId id, const SharedCause& cause,
                                const LoadApp& load) {
    const Result<void> valid =
        load.app == nullptr ? Result<void>(Error{"no app was given"}) : spec::validate(*load.app);
    if (!valid.ok()) {
        refuse(turn, id, Refusal::Invalid, valid.error().message);
        return;
    }
    const std::string cycle = find_need_cycle(*load.app);
    if (!cycle.empty()) {
        refuse(turn, id, Refusal::Invalid,
               "app \"" + load.app->name + "\": services need each other in a circle: " + cycle);
        return;
    }
    specs_.add(load.app);
    const auto found = apps_.find(load.app->name);
    operations_.accept(id, "loaded " + load.app->name + ":", turn.now);
    if (found == apps_.end()) {
        load_new(turn, id, cause, load);
    } else {
        if (found->second.switching) {
            abort_switch(turn, found->second, "another configuration came meanwhile");
        }
        // Jobs are not replaced by a load: there is nothing to wait for.
        if (load.together && !brings_jobs(*found->second.app) && !brings_jobs(*load.app)) {
            begin_switch(turn, id, cause, found->second, load);
            name_waiting(id, found->second);
            dirty_apps_.insert(load.app->name);
            return;
        }
        reload(turn, id, cause, found->second, load);
    }
    AppState& app = apps_.at(load.app->name);
    name_waiting(id, app);
    dirty_apps_.insert(load.app->name);
    turn.out.push_back(PersistApp{load.app->name, load.app});
    persist_formation(turn, app);
}

void Manager::Impl::load_new(Turn& turn, OperationId id, const SharedCause& cause,
                             const LoadApp& load) {
    AppState& app = apps_[load.app->name];
    app.app = load.app;
    index_needs(load.app->name);
    listeners_stale_ = true;
    for (const spec::Service& service : load.app->services) {
        if (service.job) {
            load_job(turn, app, service);
            continue;
        }
        const bool up = load.start && service.auto_start;
        scale_service(turn, id, cause, app, service, up ? status::Goal::Up : status::Goal::Down);
    }
}

void Manager::Impl::reload(Turn& turn, OperationId id, const SharedCause& cause, AppState& app,
                           const LoadApp& load) {
    const bool up = load.start && !is_down(app);
    const std::shared_ptr<const spec::App> before = app.app;
    const std::vector<ServiceStep> plan = plan_reload(*before, *load.app);
    app.app = load.app;
    listeners_stale_ = true;
    app.unloading = false;
    index_needs(load.app->name);
    specs_.expect_unused();
    std::vector<ServiceState*> rolled;
    for (const ServiceStep& step : plan) {
        const spec::Service* after = spec::find_service(*load.app, step.service);
        const bool was_job = is_job(*before, step.service);
        const bool is_kept =
            after != nullptr && spec::find_service(*before, step.service) != nullptr;
        if (is_kept && was_job != after->job.has_value()) {
            change_kind(turn, id, cause, app, *after, up && after->auto_start);
            continue;
        }
        if (was_job || is_job(*load.app, step.service)) {
            reload_jobs(turn, cause, app, *before, step.service);
            continue;
        }
        ServiceState& service = app.services[step.service];
        for (auto& [key, member] : service.members) {
            reload_member(turn, id, cause, *member, app, step.change);
        }
        if (step.change == ServiceChange::Remove) {
            service.scaled.reset();
            continue;
        }
        const spec::Service& wanted = *spec::find_service(*load.app, step.service);
        const bool start = up && wanted.auto_start;
        scale_service(turn, id, cause, app, wanted, start ? status::Goal::Up : status::Goal::Down);
        rolled.push_back(&service);
    }
    for (ServiceState* service : rolled)
        advance_rollout(turn, *service);
    std::erase_if(app.services, [&](const auto& entry) {
        return entry.second.members.empty() &&
               spec::find_service(*load.app, entry.first) == nullptr;
    });
}

/// One instance that was there before: kept, rolled, woken or sent away.
void Manager::Impl::reload_member(Turn& turn, OperationId id, const SharedCause& cause,
                                  Member& member, const AppState& app, ServiceChange change) {
    touch(member);
    if (member.life.is_job()) {
        // What is left of the job that the service once was goes as the job that it is; one that
        // outlived its configuration so far would otherwise be taken for one of the service.
        if (!member.life.is_removing()) {
            member.life.remove(turn, cause, "its configuration changed");
        }
        return wait(member, id, Expect::Gone);
    }
    if (change == ServiceChange::Remove) {
        member.life.remove(turn, cause, "no longer configured");
        wait(member, id, Expect::Gone);
        return;
    }
    const spec::Service* service = spec::find_service(*app.app, member.life.name().service);
    const bool same_process = change == ServiceChange::Keep;
    // What was given up, or is about to be, is judged anew.
    const bool wakes = (member.life.state() == status::State::Failed ||
                        member.life.state() == status::State::Stopping) &&
                       !(member.life.service() == *service);
    member.life.adopt_spec(app.app, service, same_process, turn.now);
    if (member.life.is_removing() || member.life.goal() != status::Goal::Up) return;
    if (same_process) {
        // What it waits for may be needed no longer.
        if (!wakes) return (void)member.life.need_moved(turn, false, "its configuration changed");
        member.life.start(turn, cause, "its configuration changed");
        wait(member, id, Expect::Up);
        return;
    }
    begin_rolling(member, cause, "its configuration changed");
    wait(member, id, Expect::Replaced);
}

/// Brings the service to its number of instances; new ones get `goal`.
void Manager::Impl::scale_service(Turn& turn, OperationId id, const SharedCause& cause,
                                  AppState& app, const spec::Service& service, status::Goal goal) {
    ServiceState& state = app.services[service.name];
    std::set<std::uint32_t> present;
    for (const auto& [key, member] : state.members) {
        if (key.first != 0 && !member->life.is_removing()) present.insert(key.first);
    }
    const ScalePlan plan = plan_scale(present, state.scaled.value_or(service.instances));
    for (const std::uint32_t index : plan.retire) {
        Member& member = *state.members.at({index, ""});
        member.life.remove(turn, cause, "scaled down");
        wait(member, id, Expect::Gone);
    }
    for (const std::uint32_t index : plan.add) {
        Member& member = add_member(turn, app, service, {index, ""}, goal);
        if (goal != status::Goal::Up) {
            member.life.stop(turn, cause, "loaded without a start");
            continue;
        }
        member.life.start(turn, cause, "wanted");
        wait(member, id, Expect::Up);
    }
}

/// A new member, or one that was on its way out and is taken back.
Member& Manager::Impl::add_member(Turn& turn, AppState& app, const spec::Service& service,
                                  const Formation::Member& key, status::Goal goal) {
    std::unique_ptr<Member>& slot = app.services[service.name].members[key];
    if (slot == nullptr) {
        const InstanceId id = ++last_instance_;
        const spec::InstanceName name{app.app->name, service.name, key.first, key.second};
        slot = std::make_unique<Member>(Instance(id, name, app.app, &service, goal, turn.now));
        by_id_.emplace(id, slot.get());
    } else {
        slot->life.adopt_spec(app.app, &service, false, turn.now);
    }
    touch(*slot);
    return *slot;
}

void Manager::Impl::restore_app(Turn& turn, const RestoreApp& restored) {
    if (restored.app == nullptr || apps_.contains(restored.app->name)) return;
    status::Cause given = restored.cause;
    given.id = ++last_cause_;
    const SharedCause cause = std::make_shared<status::Cause>(std::move(given));
    const Formation formation = formation_from_text(restored.formation);
    specs_.add(restored.app);
    AppState& app = apps_[restored.app->name];
    app.app = restored.app;
    index_needs(restored.app->name);
    listeners_stale_ = true;
    dirty_apps_.insert(restored.app->name);
    for (const spec::Service& service : restored.app->services) {
        if (service.job) {
            load_job(turn, app, service);
            continue;
        }
        ServiceState& state = app.services[service.name];
        const auto scaled = formation.scaled.find(service.name);
        if (scaled != formation.scaled.end()) state.scaled = scaled->second;
        const auto goals = formation.goals.find(service.name);
        const std::uint32_t count = state.scaled.value_or(service.instances);
        for (std::uint32_t index = 1; index <= count; ++index) {
            const Formation::Member key{index, ""};
            status::Goal goal = service.auto_start ? status::Goal::Up : status::Goal::Down;
            if (goals != formation.goals.end()) {
                const auto remembered = goals->second.find(key);
                if (remembered != goals->second.end()) goal = remembered->second;
            }
            if (!restored.start) goal = status::Goal::Down;
            Member& member = add_member(turn, app, service, key, goal);
            if (goal == status::Goal::Up) member.life.start(turn, cause, "wanted at boot");
        }
    }
}

std::vector<Member*> Manager::Impl::members_of(AppState& app) const {
    std::vector<Member*> members;
    for (auto& [service_name, service] : app.services) {
        for (auto& [key, member] : service.members)
            members.push_back(member.get());
    }
    return members;
}

/// Whether operators have stopped all of it; then what is added stays down as well.
bool Manager::Impl::is_down(const AppState& app) const {
    bool any = false;
    for (const auto& [service_name, service] : app.services) {
        for (const auto& [key, member] : service.members) {
            if (member->life.is_removing() || member->life.is_job()) continue;
            if (member->life.goal() != status::Goal::Down) return false;
            any = true;
        }
    }
    return any;
}

void Manager::Impl::erase_app_if_empty(const std::string& name) {
    const auto found = apps_.find(name);
    if (found == apps_.end() || !found->second.unloading) return;
    for (const auto& [service_name, service] : found->second.services) {
        if (!service.members.empty()) return;
    }
    apps_.erase(found);
    index_needs(name);
    dirty_apps_.insert(name);
    specs_.expect_unused();
}

}  // namespace reeve::core
