#include <algorithm>
#include <utility>

#include "core/manager_impl.h"

// A load that is all or nothing: old and new stand side by side until everything new is ready; then
// all of it is switched in one step, or all of it is taken back.
//
// Its members wait with Expect::Switched where they were there before, and with SwitchedIn where
// the load brought them up. The app's spec is the new one meanwhile; Switch::before is what intent
// on disk has until the switch is done.
namespace reeve::core {
namespace {

bool takes_part(const Member& member) {
    return std::any_of(member.waits.begin(), member.waits.end(), [](const Wait& wait) {
        return wait.expect == Expect::Switched || wait.expect == Expect::SwitchedIn;
    });
}

bool was_brought_up(const Member& member) {
    return std::any_of(member.waits.begin(), member.waits.end(),
                       [](const Wait& wait) { return wait.expect == Expect::SwitchedIn; });
}

enum class Verdict { Pending, Good, Bad };

Verdict judge(const Instance& life) {
    if (life.is_removing() || life.goal() != status::Goal::Up) return Verdict::Bad;
    if (life.holds_replacement() || life.serves_present_spec()) return Verdict::Good;
    switch (life.state()) {
        case status::State::Running:
            return life.replacement_error().empty() && life.is_replacing() ? Verdict::Pending
                                                                           : Verdict::Bad;
        case status::State::Starting:
        case status::State::Waiting:
        case status::State::Stopping:
            return Verdict::Pending;
        case status::State::Stopped:
        case status::State::Backoff:
        case status::State::CrashLooping:
        case status::State::Failed:
        case status::State::Stuck:
            return Verdict::Bad;
    }
    return Verdict::Bad;
}

std::string problem_of(const Instance& life) {
    const bool stopped = life.is_removing() || life.goal() != status::Goal::Up;
    const std::string error = life.replacement_error();
    return spec::to_text(life.name()) + ": " +
           (stopped         ? "stopped meanwhile"
            : error.empty() ? life.reason()
                            : error);
}

}  // namespace

/// Whether it is ready, of a release that is not switched to yet.
bool Manager::Impl::is_held(const Member& member) const {
    if (!takes_part(member) || !member.life.serves_present_spec()) return false;
    const auto app = apps_.find(member.life.name().app);
    return app != apps_.end() && app->second.switching.has_value();
}

void Manager::Impl::begin_switch(Turn& turn, OperationId id, const SharedCause& cause,
                                 AppState& app, const LoadApp& load) {
    const std::vector<ServiceStep> plan = plan_reload(*app.app, *load.app);
    app.switching = Switch{app.app, id, cause};
    app.app = load.app;
    index_needs(load.app->name);
    listeners_stale_ = true;
    app.unloading = false;
    for (const ServiceStep& step : plan) {
        if (step.change == ServiceChange::Remove) continue;
        for (auto& [key, member] : app.services[step.service].members)
            join_switch(turn, app, *member, step.change);
        add_to_switch(turn, app, *spec::find_service(*load.app, step.service));
    }
    // Where nothing takes part, everything new is ready.
    advance_switch(turn, app);
}

/// One instance that was there before.
void Manager::Impl::join_switch(Turn& turn, AppState& app, Member& member, ServiceChange change) {
    Instance& life = member.life;
    if (life.is_removing()) return;
    const Switch& now = *app.switching;
    const spec::Service* service = spec::find_service(*app.app, life.name().service);
    const bool up = life.goal() == status::Goal::Up;
    const bool down = life.goal() == status::Goal::Down;
    touch(member);
    if (down && service->auto_start) {
        life.adopt_spec(app.app, service, false, turn.now);
        life.start(turn, now.cause, "wanted by the new release");
        wait(member, now.operation, Expect::SwitchedIn);
        return;
    }
    if (change == ServiceChange::Keep || !up) {
        life.adopt_spec(app.app, service, change == ServiceChange::Keep, turn.now);
        (void)life.need_moved(turn, false, "its configuration changed");  // touched already
        return;
    }
    // What cannot overlap is replaced after everything else is ready.
    if (life.is_serving() && !may_overlap(*service)) return;
    life.adopt_spec(app.app, service, false, turn.now);
    if (life.is_serving()) {
        life.replace_held(turn, now.cause, "a new release");
    } else {
        life.replace(turn, now.cause, "a new release");
    }
    wait(member, now.operation, Expect::Switched);
}

/// Instances that were not there before. None is retired before the switch.
void Manager::Impl::add_to_switch(Turn& turn, AppState& app, const spec::Service& service) {
    std::set<std::uint32_t> present;
    for (const auto& [key, member] : app.services[service.name].members) {
        if (key.first != 0 && !member->life.is_removing()) present.insert(key.first);
    }
    for (const std::uint32_t index : plan_scale(present, service.instances).add) {
        const status::Goal goal = service.auto_start ? status::Goal::Up : status::Goal::Down;
        Member& member = add_member(turn, app, service, {index, ""}, goal);
        if (goal == status::Goal::Down) {
            member.life.stop(turn, app.switching->cause, "loaded without a start");
            continue;
        }
        member.life.start(turn, app.switching->cause, "wanted by the new release");
        wait(member, app.switching->operation, Expect::SwitchedIn);
    }
}

void Manager::Impl::look_at_switch(AppState& app) {
    if (!std::exchange(app.switch_due, true)) switches_due_.push_back(app.app->name);
}

void Manager::Impl::advance_switches(Turn& turn) {
    const std::string name = switches_due_.back();
    switches_due_.pop_back();
    const auto app = apps_.find(name);
    if (app == apps_.end()) return;
    app->second.switch_due = false;
    if (app->second.switching) advance_switch(turn, app->second);
}

/// What the member needs and will not come by itself; empty: nothing.
std::string Manager::Impl::missing_in_vain(const Member& member) const {
    const Instance& life = member.life;
    if (life.state() != status::State::Waiting) return "";
    const std::optional<MissingNeed> need = missing(*life.app(), life.service());
    return need && need->in_vain ? spec::to_text(life.name()) + ": " + need->text : "";
}

void Manager::Impl::advance_switch(Turn& turn, AppState& app) {
    if (turn.shutting_down) return abort_switch(turn, app, "reeve shuts down");
    bool all_good = true;
    for (const Member* member : members_of(app)) {
        if (!takes_part(*member)) continue;
        const Verdict verdict = judge(member->life);
        if (verdict == Verdict::Bad) return abort_switch(turn, app, problem_of(member->life));
        if (const std::string missing = missing_in_vain(*member); !missing.empty()) {
            return abort_switch(turn, app, missing);
        }
        all_good = all_good && verdict == Verdict::Good;
    }
    if (all_good) commit_switch(turn, app);
}

void Manager::Impl::commit_switch(Turn& turn, AppState& app) {
    const Switch over = *std::exchange(app.switching, std::nullopt);
    for (Member* member : members_of(app)) {
        if (!takes_part(*member)) continue;
        member->life.promote(turn, over.cause);
        touch(*member);
    }
    for (const ServiceStep& step : plan_reload(*over.before, *app.app)) {
        ServiceState& service = app.services[step.service];
        service.scaled.reset();
        if (step.change == ServiceChange::Remove) {
            for (auto& [key, member] : service.members) {
                touch(*member);
                member->life.remove(turn, over.cause, "no longer configured");
                wait(*member, over.operation, Expect::Gone);
            }
            continue;
        }
        const spec::Service& wanted = *spec::find_service(*app.app, step.service);
        for (auto& [key, member] : service.members) {
            if (member->life.app() == app.app || member->life.is_removing()) continue;
            member->life.adopt_spec(app.app, &wanted, false, turn.now);
            begin_rolling(*member, over.cause, "a new release");
            wait(*member, over.operation, Expect::Replaced);
        }
        const status::Goal goal = wanted.auto_start ? status::Goal::Up : status::Goal::Down;
        scale_service(turn, over.operation, over.cause, app, wanted, goal);
        advance_rollout(turn, service);
    }
    std::erase_if(app.services, [&](const auto& entry) {
        return entry.second.members.empty() && spec::find_service(*app.app, entry.first) == nullptr;
    });
    settle_switched(turn, app, over.operation, std::nullopt);
    dirty_apps_.insert(app.app->name);
    specs_.expect_unused();
    turn.out.push_back(PersistApp{app.app->name, app.app});
    persist_formation(turn, app);
}

void Manager::Impl::abort_switch(Turn& turn, AppState& app, const std::string& problem) {
    const Switch over = *std::exchange(app.switching, std::nullopt);
    const std::vector<ServiceStep> plan = plan_reload(*over.before, *app.app);
    app.app = over.before;
    index_needs(over.before->name);
    listeners_stale_ = true;
    for (Member* member : members_of(app)) {
        if (!member->life.is_removing()) go_back(turn, app, over, *member);
    }
    // What was stopped before is so again.
    for (const spec::Service& service : app.app->services) {
        scale_service(turn, over.operation, over.cause, app, service, status::Goal::Down);
    }
    settle_switched(turn, app, over.operation, problem);
    dirty_apps_.insert(app.app->name);
    specs_.expect_unused();
}

/// One instance becomes again what it was before the switch.
void Manager::Impl::go_back(Turn& turn, AppState& app, const Switch& over, Member& member) {
    Instance& life = member.life;
    const spec::Service* service = spec::find_service(*app.app, life.name().service);
    touch(member);
    if (service == nullptr || was_brought_up(member)) {
        life.discard(turn, over.cause, "the new release failed");
        return;
    }
    if (!takes_part(member)) {
        const spec::Service& now = life.service();
        life.adopt_spec(app.app, service, is_same_process(now, *service), turn.now);
        (void)life.need_moved(turn, false, "the new release failed");  // touched already
        return;
    }
    const bool has_old_one = life.is_serving() && !life.serves_present_spec();
    life.adopt_spec(app.app, service, false, turn.now);
    if (has_old_one) {
        life.abandon(turn, over.cause, "the new release failed; this one stays");
    } else if (life.goal() == status::Goal::Up && !turn.shutting_down) {
        life.replace(turn, over.cause, "the new release failed");
    }
}

void Manager::Impl::settle_switched(Turn& turn, AppState& app, OperationId id,
                                    const std::optional<std::string>& problem) {
    std::optional<std::string> to_tell = problem;
    for (Member* member : members_of(app)) {
        for (std::size_t i = 0; i < member->waits.size();) {
            const Wait wait = member->waits[i];
            const bool ours = wait.operation == id && (wait.expect == Expect::Switched ||
                                                       wait.expect == Expect::SwitchedIn);
            if (!ours) {
                ++i;
                continue;
            }
            member->waits.erase(member->waits.begin() + static_cast<std::ptrdiff_t>(i));
            touch(*member);
            operations_.settle(id, std::exchange(to_tell, std::nullopt), turn.now, turn.out);
        }
    }
}

}  // namespace reeve::core
