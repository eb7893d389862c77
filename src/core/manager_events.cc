#include <algorithm>

#include "base/check.h"
#include "core/manager_impl.h"
#include "spec/job_variables.h"

// Named events: everybody who waits for one is told, those that it starts or stops hold it until
// they are there, and then it is over for whoever emitted it.
// Source: upstart init/event.c, init/job_class.c (job_class_event_handler).
namespace reeve::core {
namespace {

constexpr std::string_view kFailed = "/failed";

const spec::VariableLookup kNoEnvironment = [](const std::string&) -> const std::string* {
    return nullptr;
};

}  // namespace

EventId Manager::Impl::emit(spec::NamedEvent event, const SharedCause& cause) {
    HeldEvent held;
    held.event = std::move(event);
    held.cause = cause;
    return events_.add(std::move(held));
}

void Manager::Impl::run_command(Turn& turn, OperationId id, const SharedCause& cause,
                                const Emit& emit) {
    const Result<void> valid = spec::validate(emit.event);
    if (!valid.ok()) return refuse(turn, id, Refusal::Invalid, valid.error().message);
    if (events_.is_full() || (emit.waits && !events_.has_room_for_waiting())) {
        return refuse(turn, id, Refusal::Busy,
                      "too many events are on their way; try again when some are over");
    }
    operations_.accept(id, "emitted", turn.now);
    operations_.name_subject(id, emit.event.name);
    HeldEvent held;
    held.event = emit.event;
    held.cause = cause;
    if (emit.waits) {
        held.operation = id;
        operations_.wait_for(id);
    }
    events_.add(std::move(held));
}

void Manager::Impl::happened(Turn& turn, const Happened& fact) {
    if (events_.is_full() || !spec::validate(fact.event).ok()) {
        turn.out.push_back(LogTrouble{"event " + fact.event.name + " from " + fact.source +
                                      " is dropped: too many are on their way, or it is too long"});
        return;
    }
    status::Cause cause{status::CauseKind::Event, ++last_cause_,
                        fact.source + ": " + spec::to_text(fact.event)};
    emit(fact.event, std::make_shared<status::Cause>(std::move(cause)));
}

// ---- Telling.

void Manager::Impl::refresh_listeners() {
    if (!std::exchange(listeners_stale_, false)) return;
    listeners_.clear();
    const auto listen = [&](const std::optional<spec::EventExpr>& expr, const std::string& app,
                            const std::string& service) {
        if (!expr) return;
        for (const spec::EventNode& node : expr->nodes) {
            const auto* leaf = std::get_if<spec::EventMatch>(&node);
            if (leaf != nullptr) listeners_[leaf->name].emplace(app, service);
        }
    };
    for (const auto& [app_name, app] : apps_) {
        for (const spec::Service& service : app.app->services) {
            if (!service.job) continue;
            listen(service.job->start_on, app_name, service.name);
            listen(service.job->stop_on, app_name, service.name);
        }
        for (const auto& [service_name, service] : app.services) {
            for (const auto& [key, member] : service.members) {
                if (!member->life.is_job()) continue;
                listen(member->life.service().job->stop_on, app_name, service_name);
            }
        }
    }
}

bool Manager::Impl::handle_next_event(Turn& turn) {
    const std::optional<EventId> id = events_.take_pending();
    if (!id) return false;
    refresh_listeners();
    const auto heard = listeners_.find(events_.at(*id).event.name);
    if (heard != listeners_.end()) {
        for (const auto& [app_name, service] : heard->second) {
            const auto app = apps_.find(app_name);
            if (app != apps_.end()) tell_job(turn, *id, app->second, service);
        }
    }
    events_.handled(*id);
    return true;
}

/// Stops come before starts, so that one event can restart what runs.
void Manager::Impl::tell_job(Turn& turn, EventId id, AppState& app, const std::string& service) {
    const auto state = app.services.find(service);
    if (state == app.services.end()) return;
    for (auto& [key, member] : state->second.members)
        hear_stop(turn, id, *member);
    const spec::Service* configured = spec::find_service(*app.app, service);
    const bool starts = configured != nullptr && configured->job && configured->job->start_on;
    if (!starts || app.unloading || turn.shutting_down) return;
    hear_start(turn, id, app, *configured, state->second);
}

void Manager::Impl::hold_latched(EventId id, std::size_t leaves) {
    for (std::size_t i = 0; i < leaves; ++i)
        events_.hold(id);
}

void Manager::Impl::reset_latches(Latches& latches) {
    for (const EventId id : latches) {
        if (id != 0) events_.release(id, false);
    }
    latches.clear();
}

/// One job takes over the events that made it start or stop.
void Manager::Impl::hold(Member& member, const std::vector<EventId>& events) {
    for (const EventId id : events) {
        events_.hold(id);
        member.holds.push_back(id);
    }
}

void Manager::Impl::hear_stop(Turn& turn, EventId id, Member& member) {
    Instance& life = member.life;
    if (!life.is_job() || !life.has_life() || !life.service().job->stop_on) return;
    const spec::Service& service = life.service();
    const spec::EventExpr& expr = *service.job->stop_on;
    const std::shared_ptr<const spec::App> app = life.app();
    const spec::VariableLookup environment = [&](const std::string& name) {
        return find_job_variable(service, *app, life.job_life(), name);
    };
    const std::size_t leaves =
        latch(expr, events_.at(id).event, id, environment, member.stop_latches);
    if (leaves == 0) return;
    hold_latched(id, leaves);
    touch(member);
    if (!is_true(expr, member.stop_latches)) return;
    if (life.is_start_wanted()) {
        const std::vector<EventId> events = true_events(expr, member.stop_latches);
        finish_job(turn, member, false);
        life.set_stop_variables(variables_of(events, spec::variable_prefix(*app) + "STOP_EVENTS"));
        hold(member, events);
        life.stop(turn, events_.at(id).cause, "event " + spec::to_text(events_.at(id).event));
    }
    reset_latches(member.stop_latches);
}

void Manager::Impl::hear_start(Turn& turn, EventId id, AppState& app, const spec::Service& service,
                               ServiceState& state) {
    const spec::EventExpr& expr = *service.job->start_on;
    const std::size_t leaves =
        latch(expr, events_.at(id).event, id, kNoEnvironment, state.start_latches);
    if (leaves == 0) return;
    hold_latched(id, leaves);
    dirty_apps_.insert(app.app->name);
    if (!is_true(expr, state.start_latches)) return;
    start_by_events(turn, id, app, service, state);
    reset_latches(state.start_latches);
}

void Manager::Impl::start_by_events(Turn& turn, EventId id, AppState& app,
                                    const spec::Service& service, ServiceState& state) {
    const std::vector<EventId> events = true_events(*service.job->start_on, state.start_latches);
    spec::Variables variables = variables_of(events, spec::variable_prefix(*app.app) + "EVENTS");
    const Result<std::string> key = job_key(*app.app, service, variables);
    if (!key.ok()) {
        turn.out.push_back(
            LogTrouble{"Failed to obtain " + service.name + " instance: " + key.error().message});
        return;
    }
    Member& member = obtain_job(turn, app, service, *key);
    if (member.life.is_start_wanted()) return;
    finish_job(turn, member, false);
    member.life.set_start_variables(std::move(variables));
    hold(member, events);
    member.life.start(turn, events_.at(id).cause, "event " + spec::to_text(events_.at(id).event));
}

/// What the events bring along, later ones first; under `list` their names.
spec::Variables Manager::Impl::variables_of(const std::vector<EventId>& events,
                                            const std::string& list) const {
    spec::Variables variables;
    std::string names;
    for (const EventId id : events) {
        const spec::NamedEvent& event = events_.at(id).event;
        for (const spec::Variable& variable : event.variables)
            spec::set_variable(variables, variable);
        names += (names.empty() ? "" : " ") + event.name;
    }
    spec::set_variable(variables, {list, names});
    return variables;
}

// ---- What jobs tell.

bool Manager::Impl::hear_news(Turn& turn) {
    if (news_.empty()) return false;
    for (auto& [id, news] : std::exchange(news_, {})) {
        Member& member = member_of(id);
        touch(member);
        if (const JobFinished* finished = std::get_if<JobFinished>(&news)) {
            finish_job(turn, member, finished->failed);
            continue;
        }
        Announced& announced = std::get<Announced>(news);
        HeldEvent held;
        held.event = std::move(announced.event);
        held.cause = announced.cause;
        if (announced.is_waited_for) held.announcer = id;
        const EventId event = events_.add(std::move(held));
        if (announced.is_waited_for) member.announcement = event;
    }
    return true;
}

bool Manager::Impl::conclude_event(Turn& turn) {
    const std::optional<HeldEvent> over = events_.take_over();
    if (!over) return false;
    if (over->failed && !over->event.name.ends_with(kFailed)) {
        emit({over->event.name + std::string(kFailed), over->event.variables}, over->cause);
    }
    if (over->operation != 0) {
        std::optional<std::string> problem;
        if (over->failed) problem = "Event failed";
        operations_.settle(over->operation, problem, turn.now, turn.out);
    }
    const auto announcer = by_id_.find(over->announcer);
    if (announcer != by_id_.end() && announcer->second->announcement == over->id) {
        announcer->second->announcement = 0;
        announcer->second->life.proceed(turn);
        touch(*announcer->second);
    }
    if (sequence_.current == over->id) advance_sequence(turn);
    if (farewell_ && farewell_->event == over->id) end_farewell(turn);
    return true;
}

// ---- Sequences.

void Manager::Impl::begin_sequence(Turn& turn, const EventSequence& sequence) {
    for (const spec::NamedEvent& event : sequence.events) {
        if (sequence_.rest.size() < kSequenceMax) sequence_.rest.push_back(event);
    }
    sequence_.source = sequence.source;
    if (sequence_.current == 0) advance_sequence(turn);
}

void Manager::Impl::advance_sequence(Turn& turn) {
    sequence_.current = 0;
    sequence_.until.reset();
    if (sequence_.rest.empty()) return;
    const spec::NamedEvent event = std::move(sequence_.rest.front());
    sequence_.rest.pop_front();
    status::Cause cause{status::CauseKind::Event, ++last_cause_,
                        sequence_.source + ": " + spec::to_text(event)};
    sequence_.current = emit(event, std::make_shared<status::Cause>(std::move(cause)));
    sequence_.until = turn.now + kSequencePatience;
}

// ---- Time.

Deadline Manager::Impl::events_deadline() const {
    Deadline due = earliest(events_paused_until_, sequence_.until);
    return farewell_ ? earliest(due, farewell_->until) : due;
}

void Manager::Impl::events_due(Turn& turn) {
    if (sequence_.until && *sequence_.until <= turn.now) advance_sequence(turn);
    if (farewell_ && farewell_->until <= turn.now) end_farewell(turn);
}

}  // namespace reeve::core
