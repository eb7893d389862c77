#include <algorithm>

#include "base/check.h"
#include "core/manager_impl.h"

// What follows from a change of one instance: for the operations that wait for it, the roll-out it
// belongs to, the runs that wait at the start brake, and its own removal.
namespace reeve::core {

void Manager::Impl::settle(Turn& turn) {
    events_paused_until_.reset();
    std::size_t events = 0;
    for (;;) {
        const bool moved =
            hear_news(turn) || settle_next(turn) || admit_next(turn) || conclude_event(turn);
        if (moved) continue;
        if (!events_.has_pending()) return;
        if (++events > kEventsPerTurn) {
            events_paused_until_ = turn.now + kEventPause;
            return;
        }
        handle_next_event(turn);
    }
}

bool Manager::Impl::settle_next(Turn& turn) {
    if (touched_.empty() && rolled_.empty() && switches_due_.empty()) return false;
    if (touched_.empty()) {
        rolled_.empty() ? advance_switches(turn) : advance_rolled(turn);
        return true;
    }
    const InstanceId id = touched_.back();
    touched_.pop_back();
    const auto found = by_id_.find(id);
    if (found != by_id_.end()) settle_member(turn, *found->second);
    return true;
}

bool Manager::Impl::admit_next(Turn& turn) {
    const std::optional<RunId> admitted = brake_.admit();
    if (!admitted) return false;
    Member& member = member_of(*runs_.find(*admitted));
    member.life.granted(turn, *admitted);
    touch(member);
    return true;
}

void Manager::Impl::settle_member(Turn& turn, Member& member) {
    member.touched = false;
    if (const Rare<CheckWish> wish = member.life.take_wish()) {
        follow_check(turn, member, *wish);
    }
    tell_dependents(turn, member);
    reindex(member);
    if (!member.dirty) {
        member.dirty = true;
        dirty_.push_back(member.life.id());
    }
    AppState& app = apps_.at(member.life.name().app);
    if (app.switching) {
        const bool at_its_end = member.life.is_removing() && member.life.is_at_rest();
        at_its_end ? advance_switch(turn, app) : look_at_switch(app);
    }
    if (member.life.is_job()) {
        settle_job(turn, member);
    } else {
        release_events(member, true);  // of one that was a job when they came
    }
    const bool leaves =
        (member.life.is_removing() && member.life.is_at_rest()) || leaves_with_its_life(member);
    if (member.rolling != Rolling::None) {
        ServiceState& service = service_of(member);
        if (leaves) {
            advance_rollout(turn, service);
        } else if (!std::exchange(service.advance_due, true)) {
            rolled_.emplace_back(member.life.name().app, member.life.name().service);
        }
    }
    if (!member.waits.empty()) settle_waits(turn, member);
    if (leaves) remove_member(turn, member);
}

/// A roll-out looks at all of its members, so it waits until every touched one is settled.
void Manager::Impl::advance_rolled(Turn& turn) {
    const auto [app_name, service_name] = rolled_.back();
    rolled_.pop_back();
    const auto app = apps_.find(app_name);
    if (app == apps_.end()) return;
    const auto service = app->second.services.find(service_name);
    if (service == app->second.services.end()) return;
    service->second.advance_due = false;
    advance_rollout(turn, service->second);
}

// ---- Operations.

void Manager::Impl::settle_waits(Turn& turn, Member& member) {
    for (std::size_t i = 0; i < member.waits.size();) {
        const Wait wait = member.waits[i];
        const auto outcome = assess(turn, member, wait.expect);
        if (!outcome) {
            ++i;
            continue;
        }
        member.waits.erase(member.waits.begin() + static_cast<std::ptrdiff_t>(i));
        operations_.settle(wait.operation, *outcome, turn.now, turn.out);
    }
}

/// nullopt: not decided yet. Else whether it is where it is expected, or the problem.
std::optional<std::optional<std::string>> Manager::Impl::assess(const Turn& turn,
                                                                const Member& member,
                                                                Expect expect) const {
    using Outcome = std::optional<std::optional<std::string>>;
    const Instance& life = member.life;
    const auto problem = [&](const std::string& text) -> Outcome {
        return std::optional<std::string>(spec::to_text(life.name()) + ": " + text);
    };
    const Outcome pending;
    const Outcome good{std::optional<std::string>{}};
    const bool stuck = life.state() == status::State::Stuck;
    switch (expect) {
        case Expect::Up:
            if (turn.shutting_down || life.goal() == status::Goal::Down) {
                return problem("stopped meanwhile");
            }
            if (life.is_serving()) return good;
            if (life.state() == status::State::Waiting) {
                const auto need = missing(*life.app(), life.service());
                if (need && need->in_vain) return problem(need->text);
            }
            if (life.state() == status::State::Starting || life.state() == status::State::Waiting ||
                life.state() == status::State::Stopping) {
                return pending;
            }
            return problem(life.reason());
        case Expect::Down:
            if (life.is_at_rest()) return good;
            if (!turn.shutting_down && life.goal() != status::Goal::Down) {
                return problem("started again meanwhile");
            }
            return stuck ? problem(life.reason()) : pending;
        case Expect::Gone:
            if (!life.is_removing()) return problem("wanted again meanwhile");
            if (life.is_at_rest()) return good;
            return stuck ? problem(life.reason()) : pending;
        case Expect::JobStarted:
        case Expect::JobStopped:
        case Expect::JobRestarted:
            // finish_job tells, of what is one still.
            return life.is_job() ? pending : problem("no job any more");
        case Expect::Replaced:
        case Expect::Switched:
        case Expect::SwitchedIn:
            break;  // finish_rolling and settle_switched tell
    }
    return pending;
}

void Manager::Impl::remove_member(Turn& turn, Member& member) {
    CHECK(member.waits.empty() && member.holds.empty());
    reset_latches(member.stop_latches);
    const spec::InstanceName name = member.life.name();
    const InstanceId id = member.life.id();
    turn.out.push_back(ForgetInstance{name});
    if (member.indexed) deadlines_.erase({*member.indexed, id});
    by_id_.erase(id);
    erased_.push_back(id);
    AppState& app = apps_.at(name.app);
    const auto service = app.services.find(name.service);
    service->second.members.erase({name.index, name.key});
    const bool configured = spec::find_service(*app.app, name.service) != nullptr;
    if (service->second.members.empty() && !configured) {
        reset_latches(service->second.start_latches);
        dirty_apps_.insert(name.app);
        app.services.erase(service);
    }
    specs_.expect_unused();
    erase_app_if_empty(name.app);
    move_dependents(turn, name, false);
}

// ---- Roll-outs.

ServiceState& Manager::Impl::service_of(const Member& member) {
    return apps_.at(member.life.name().app).services.at(member.life.name().service);
}

void Manager::Impl::begin_rolling(Member& member, const SharedCause& cause,
                                  const std::string& reason) {
    member.rolling = Rolling::Todo;
    member.by_check = false;
    member.order = RollingOrder{cause, reason};
    service_of(member).rolling = true;
    touch(member);
}

/// Judges what is being replaced, then begins with as many more as may be.
void Manager::Impl::advance_rollout(Turn& turn, ServiceState& service) {
    if (!service.rolling) return;
    std::vector<Member*> rolled;
    for (auto& [key, member] : service.members) {
        if (member->rolling != Rolling::None) judge_active(turn, service, *member);
    }
    std::vector<RolloutMember> view;
    bool busy = false;
    for (auto& [key, member] : service.members) {
        if (member->rolling == Rolling::None) continue;
        rolled.push_back(member.get());
        view.push_back(RolloutMember{member->rolling, member->life.is_serving()});
        busy = busy || member->rolling != Rolling::Done;
    }
    if (!busy) {
        for (Member* member : rolled)
            finish_rolling(turn, *member, Rolling::None, std::nullopt);
        service.rolling = false;
        return;
    }
    const Instance& any = rolled.front()->life;
    for (const std::size_t index : next_to_replace(view, any.service().rollout, any.overlaps())) {
        Member& member = *rolled[index];
        member.rolling = Rolling::Active;
        const RollingOrder order = *std::exchange(member.order, {});
        if (member.by_check) {
            member.life.restart_for_check(turn, order.cause, order.reason);
        } else {
            member.life.replace(turn, order.cause, order.reason);
        }
        touch(member);
    }
}

void Manager::Impl::judge_active(Turn& turn, ServiceState& service, Member& member) {
    const Instance& life = member.life;
    const bool left_alone =
        life.goal() == status::Goal::Unmonitored && member.rolling == Rolling::Todo;
    if (turn.shutting_down || life.goal() == status::Goal::Down || left_alone) {
        const std::string problem = spec::to_text(life.name()) +
                                    (left_alone ? ": left alone meanwhile" : ": stopped meanwhile");
        return finish_rolling(turn, member, Rolling::None, problem);
    }
    if (member.rolling == Rolling::Todo) return;
    switch (life.state()) {
        case status::State::Running:
            if (life.is_replacing()) return;
            if (life.replacement_error().empty()) {
                if (member.rolling == Rolling::Done) return;
                return finish_rolling(turn, member, Rolling::Done, std::nullopt);
            }
            break;
        case status::State::Waiting:
        case status::State::Starting:
        case status::State::Stopping:
            return;
        case status::State::Backoff:
            // The pause is a part of a check's restart; until it is over nobody else goes down.
            if (member.by_check) return;
            break;
        case status::State::Stopped:
        case status::State::CrashLooping:
        case status::State::Failed:
        case status::State::Stuck:
            break;
    }
    // Others that a check wants restarted are no better for being left as they are.
    if (member.by_check) return finish_rolling(turn, member, Rolling::None, std::nullopt);
    abort_rollout(turn, service, member);
}

/// The new ones are no good: what was not replaced yet stays as it is.
void Manager::Impl::abort_rollout(Turn& turn, ServiceState& service, const Member& culprit) {
    const std::string name = spec::to_text(culprit.life.name());
    const std::string error = culprit.life.replacement_error();
    const std::string problem = name + ": " + (error.empty() ? culprit.life.reason() : error);
    for (auto& [key, member] : service.members) {
        if (member.get() == &culprit) {
            finish_rolling(turn, *member, Rolling::None, problem);
        } else if (member->rolling == Rolling::Todo) {
            finish_rolling(turn, *member, Rolling::None,
                           spec::to_text(member->life.name()) + ": left as it was, since the new " +
                               name + " failed");
        }
    }
}

void Manager::Impl::finish_rolling(Turn& turn, Member& member, Rolling next,
                                   const std::optional<std::string>& problem) {
    member.rolling = next;
    member.order.reset();
    if (next == Rolling::None) member.by_check = false;
    touch(member);
    for (std::size_t i = 0; i < member.waits.size();) {
        const Wait wait = member.waits[i];
        if (wait.expect != Expect::Replaced) {
            ++i;
            continue;
        }
        member.waits.erase(member.waits.begin() + static_cast<std::ptrdiff_t>(i));
        operations_.settle(wait.operation, problem, turn.now, turn.out);
    }
}

}  // namespace reeve::core
