#include "core/instance.h"

#include <algorithm>

#include "base/check.h"

// The door of an instance: commands, time, and the one place where its state is assigned.
namespace reeve::core {
namespace {

bool is_reached(Deadline deadline, TimePoint now) {
    return deadline && *deadline <= now;
}

}  // namespace

Instance::Instance(InstanceId id, spec::InstanceName name, std::shared_ptr<const spec::App> app,
                   const spec::Service* service, status::Goal goal, TimePoint now)
    : id_(id),
      name_(std::move(name)),
      app_(std::move(app)),
      service_(service),
      goal_(goal),
      since_(now),
      reason_("not started") {}

status::Goal Instance::wanted(const Turn& turn) const {
    return turn.shutting_down ? status::Goal::Down : goal_;
}

// ---- The one place where the state changes, and where that is recorded.

void Instance::apply(Turn& turn, MaybeChange change) {
    std::string reason;
    bool noteworthy = false;
    if (change) {
        state_ = std::move(change->next);
        reason = std::move(change->reason);
        noteworthy = change->noteworthy;
    }
    settle_checks(turn);
    const status::State seen = view();
    if (seen != shown_ || noteworthy) {
        record(turn, seen, std::move(reason));
    } else if (!reason.empty()) {
        reason_ = std::move(reason);
    }
}

void Instance::record(Turn& turn, status::State seen, std::string reason) {
    const std::string own = view_reason(seen);
    if (reason.empty()) {
        reason = own.empty() ? reason_ : own;
    } else if (!own.empty()) {
        reason += "; " + own;
    }
    CHECK(cause_ != nullptr);
    const bool begins_crash_loop = seen == status::State::CrashLooping && policy_.tell_crash_loop();
    turn.out.push_back(RecordTransition{status::Transition{
        {}, turn.now, name_, shown_, seen, reason, *cause_, last_pid_, begins_crash_loop}});
    if (seen != shown_) since_ = turn.now;
    shown_ = seen;
    reason_ = std::move(reason);
}

status::State Instance::view() const {
    if (std::holds_alternative<Stopped>(state_)) return status::State::Stopped;
    if (std::holds_alternative<Failed>(state_)) return status::State::Failed;
    if (std::holds_alternative<Running>(state_)) return status::State::Running;
    if (const Backoff* backoff = std::get_if<Backoff>(&state_)) {
        return backoff->crash_looping ? status::State::CrashLooping : status::State::Backoff;
    }
    const bool starting = std::holds_alternative<Starting>(state_);
    if (awaits_needs()) return status::State::Waiting;
    if (find_stuck() != nullptr) return status::State::Stuck;
    for (const LiveRun& run : runs_) {
        if (run.command) continue;
        const bool hangs = std::holds_alternative<RunHanging>(run.state);
        if (starting && hangs) return status::State::Stuck;
        if (starting && run.is_queued() && run.role != RunRole::PostStart) {
            return status::State::Waiting;
        }
    }
    return starting ? status::State::Starting : status::State::Stopping;
}

/// The unkillable run that holds up what is under way: what was replaced before, and the command of
/// a check, hold up an end only, and only when nothing else does.
const LiveRun* Instance::find_stuck() const {
    const bool ending = std::holds_alternative<Stopping>(state_);
    const LiveRun* last = nullptr;
    bool others = false;
    for (const LiveRun& run : runs_) {
        const bool matters = run.part != RunPart::Retiring && !run.command;
        if (matters && run.is_unkillable()) return &run;
        others = others || matters;
        if (run.is_unkillable()) last = &run;
    }
    return ending && !others ? last : nullptr;
}

/// What a state that comes from a run says for itself; empty for the others.
std::string Instance::view_reason(status::State seen) const {
    if (seen == status::State::Waiting) {
        return awaits_needs() ? std::get<AwaitingNeeds>(*launch()).text : "start brake";
    }
    const bool had_to_queue = shown_ == status::State::Waiting && reason_.ends_with("start brake");
    if (seen == status::State::Starting && had_to_queue) return "its turn came";
    if (seen != status::State::Stuck) return "";
    if (const LiveRun* stuck = find_stuck()) {
        const int pid = stuck->process.pid;  // 0: not told yet
        return to_text(stuck->role) + " process " +
               (pid > 0 ? std::to_string(pid) : "of unknown pid") + " outlives SIGKILL";
    }
    for (const LiveRun& run : runs_) {
        const RunHanging* hanging = std::get_if<RunHanging>(&run.state);
        if (run.command || hanging == nullptr) continue;
        if (hanging->stage.empty()) return "hangs between clone and exec";
        return "hangs in " + hanging->stage;
    }
    CHECK(false);
}

// ---- Commands.

void Instance::start(Turn& turn, const SharedCause& cause, const std::string& reason) {
    goal_ = status::Goal::Up;
    removing_ = false;
    cause_ = cause;
    policy_.forget();
    restarts_ = 0;
    apply(turn, pursue_up(turn, reason));
}

void Instance::stop(Turn& turn, const SharedCause& cause, const std::string& reason) {
    goal_ = status::Goal::Down;
    removing_ = false;
    cause_ = cause;
    job_.restart_asked = false;
    apply(turn, pursue_down(turn, reason));
}

void Instance::remove(Turn& turn, const SharedCause& cause, const std::string& reason) {
    const bool released = service_->on_remove == spec::OnRemove::Release && release_processes(turn);
    discard(turn, cause, released ? reason + "; its process runs on by itself" : reason);
}

void Instance::discard(Turn& turn, const SharedCause& cause, const std::string& reason) {
    goal_ = status::Goal::Down;
    removing_ = true;
    cause_ = cause;
    apply(turn, pursue_down(turn, reason));
}

void Instance::shut_down(Turn& turn, const SharedCause& cause) {
    cause_ = cause;
    apply(turn, pursue_down(turn, "reeve shuts down"));
}

void Instance::unmonitor(Turn& turn, const SharedCause& cause) {
    goal_ = status::Goal::Unmonitored;
    removing_ = false;
    cause_ = cause;
    const bool waits = std::holds_alternative<Backoff>(state_) ||
                       std::holds_alternative<Failed>(state_) || awaits_needs();
    apply(turn, waits ? pursue_down(turn, "no longer monitored") : std::nullopt);
}

void Instance::replace(Turn& turn, const SharedCause& cause, const std::string& reason) {
    holding_ = false;
    begin_replace(turn, cause, reason);
}

void Instance::replace_held(Turn& turn, const SharedCause& cause, const std::string& reason) {
    holding_ = true;
    begin_replace(turn, cause, reason);
}

void Instance::begin_replace(Turn& turn, const SharedCause& cause, const std::string& reason) {
    goal_ = status::Goal::Up;
    removing_ = false;
    cause_ = cause;
    policy_.forget();
    restarts_ = 0;
    replacement_error_.reset();
    if (std::holds_alternative<Running>(state_)) {
        apply(turn, replace_running(turn, reason));
    } else if (std::holds_alternative<Starting>(state_)) {
        apply(turn, wind_down(turn, AfterEnd{RestartAt{turn.now}, reason, true}, reason));
    } else {
        apply(turn, pursue_up(turn, reason));
    }
}

void Instance::promote(Turn& turn, const SharedCause& cause) {
    holding_ = false;
    const Running* running = std::get_if<Running>(&state_);
    if (running == nullptr) return;
    const ReplacementHeld* held = std::get_if<ReplacementHeld>(&running->replacement);
    if (held == nullptr) return;
    cause_ = cause;
    apply(turn, launch_done(turn, held->ready_since, "everything new is ready"));
}

void Instance::abandon(Turn& turn, const SharedCause& cause, const std::string& reason) {
    holding_ = false;
    const Running* running = std::get_if<Running>(&state_);
    if (running == nullptr || std::holds_alternative<NoReplacement>(running->replacement)) return;
    if (std::holds_alternative<RestartCommanding>(running->replacement)) return;
    cause_ = cause;
    leave(turn, RunPart::Candidate, RunPart::Retiring);
    leave(turn, RunPart::Hook, RunPart::Retiring);
    apply(turn, Change{Running{running->ready_since, NoReplacement{}}, reason, true});
}

Instance::MaybeChange Instance::pursue_up(Turn& turn, const std::string& reason) {
    if (std::holds_alternative<Starting>(state_) || std::holds_alternative<Running>(state_)) {
        return std::nullopt;
    }
    Stopping* stopping = std::get_if<Stopping>(&state_);
    if (stopping == nullptr) return begin_start(turn, reason);
    stopping->after = AfterEnd{RestartAt{turn.now}, reason, true};
    return run_left(turn);
}

Instance::MaybeChange Instance::pursue_down(Turn& turn, const std::string& reason) {
    const AfterEnd after{RestartAt{turn.now}, reason, true};
    if (std::holds_alternative<Running>(state_)) return end_running(turn, after, reason);
    if (Stopping* stopping = std::get_if<Stopping>(&state_)) {
        stopping->after = after;
        leave(turn, RunPart::Retiring, RunPart::Retiring);
        if (!removing_ || turn.shutting_down) leave(turn, RunPart::Leaving, RunPart::Leaving);
        if (must_end(turn)) limit_patience(turn);
        return run_left(turn);
    }
    if (is_at_rest() || waits_for_hook(turn)) return std::nullopt;
    const bool rests = !std::holds_alternative<Starting>(state_) || awaits_needs();
    if (is_job() && rests) {
        return runs_.empty() ? leave_rest(turn, reason) : send_away(turn, after, reason);
    }
    return wind_down(turn, after, reason);
}

bool Instance::signal(Turn& turn, const SharedCause& cause, int signal) {
    bool sent = false;
    for (const LiveRun& run : runs_) {
        // One that is being stopped, too: a second Ctrl-C, a SIGKILL by hand.
        const bool meant = run.part == RunPart::Main || run.part == RunPart::Leaving;
        if (run.role != RunRole::Main || !meant || !run.is_alive()) continue;
        turn.out.push_back(SignalRun{run.id, signal, run.service->stop.scope});
        sent = true;
    }
    if (sent) record_signal(turn, cause, signal);
    return sent;
}

bool Instance::reload(Turn& turn, const SharedCause& cause) const {
    const LiveRun* main = find(RunPart::Main);
    if (main == nullptr || !main->is_alive()) return false;
    turn.out.push_back(SignalRun{main->id, service_->reload_signal, spec::SignalScope::Main});
    record_signal(turn, cause, service_->reload_signal);
    return true;
}

/// What the process makes of it, its end perhaps, is then told with its cause.
void Instance::record_signal(Turn& turn, const SharedCause& cause, int signal) const {
    turn.out.push_back(RecordTransition{status::Transition{{},
                                                           turn.now,
                                                           name_,
                                                           shown_,
                                                           shown_,
                                                           status::signal_name(signal) + " sent",
                                                           *cause,
                                                           last_pid_}});
}

void Instance::adopt_spec(std::shared_ptr<const spec::App> app, const spec::Service* service,
                          bool same_process, TimePoint now) {
    app_ = std::move(app);
    service_ = service;
    if (!same_process) return;
    for (LiveRun& run : runs_) {
        if (run.role != RunRole::Main || run.ending) continue;
        const bool same_checks = run.service->checks == service_->checks;
        run.app = app_;
        run.service = service_;
        if (!same_checks) run.checks.restart(*service_, now);
    }
}

bool Instance::need_moved(Turn& turn, bool became_ready, const std::string& reason) {
    if (wanted(turn) != status::Goal::Up) return false;
    const bool gave_up =
        std::holds_alternative<Backoff>(state_) || std::holds_alternative<Failed>(state_);
    if (gave_up && became_ready) {
        apply(turn, begin_start(turn, reason));
        return true;
    }
    if (!awaits_needs()) return false;
    const std::optional<MissingNeed> missing = turn.needs.missing(*app_, *service_);
    if (!missing) {
        apply(turn, begin_start(turn, reason));
    } else {
        apply(turn, Change{Starting{AwaitingNeeds{missing->text}}, missing->text});
    }
    return true;
}

// ---- Time.

Deadline Instance::state_deadline() const {
    if (const Backoff* backoff = std::get_if<Backoff>(&state_)) return backoff->until;
    if (const Stopping* stopping = std::get_if<Stopping>(&state_)) {
        const auto* announced = std::get_if<AnnouncingEnd>(&stopping->stage);
        if (announced != nullptr) return announced->until;
        const Commanding* commanding = std::get_if<Commanding>(&stopping->stage);
        return commanding == nullptr ? Deadline{} : Deadline{commanding->until};
    }
    if (const Running* running = std::get_if<Running>(&state_)) {
        const auto* commanding = std::get_if<RestartCommanding>(&running->replacement);
        if (commanding != nullptr) return commanding->until;
    }
    const Launch* launching = launch();
    if (launching == nullptr) return std::nullopt;
    if (const Settling* settling = std::get_if<Settling>(launching)) return settling->until;
    const Readying* readying = std::get_if<Readying>(launching);
    return readying == nullptr ? Deadline{} : readying->until;
}

Deadline Instance::deadline() const {
    Deadline result = state_deadline();
    for (const LiveRun& run : runs_)
        result = earliest(result, run.deadline());
    return result;
}

void Instance::time_passed(Turn& turn) {
    while (is_reached(deadline(), turn.now)) {
        const auto due = std::find_if(runs_.begin(), runs_.end(), [&](const LiveRun& run) {
            return is_reached(run.deadline(), turn.now);
        });
        apply(turn, due != runs_.end() ? run_due(turn, *due) : state_due(turn));
    }
}

Instance::MaybeChange Instance::run_due(Turn& turn, LiveRun& run) {
    const RunSpawning* spawning = std::get_if<RunSpawning>(&run.state);
    if (spawning != nullptr && spawning->overdue_at <= turn.now) {
        run.state = RunHanging{};
        turn.brake.leave(run.id);
        turn.out.push_back(InspectSpawn{run.id});
        return std::nullopt;
    }
    if (run.ending) {
        run.step_ending(turn);
        return run.is_unkillable() ? run_left(turn) : std::nullopt;
    }
    if (!is_reached(run.patience_ends, turn.now)) return check_due(turn, run);
    run.patience_ends.reset();
    if (run.part == RunPart::Probe) {
        run.part = RunPart::Retiring;
        run.kill(turn);
        const LiveRun probe = run;
        return probe_ended(turn, probe,
                           {false, "no end within " + to_text(turn.now - probe.since)});
    }
    if (run.part == RunPart::Retiring || run.part == RunPart::Leaving) {
        run.retire(turn);
        return std::nullopt;
    }
    run.part = RunPart::Leaving;
    run.kill(turn);
    const LiveRun hook = run;
    return hook_ended(turn, hook,
                      {false, "timed out after " + to_text(turn.now - hook.since), {}, true});
}

Instance::MaybeChange Instance::state_due(Turn& turn) {
    if (std::holds_alternative<Backoff>(state_)) return begin_start(turn, "the pause is over");
    if (const Stopping* stopping = std::get_if<Stopping>(&state_)) {
        if (std::holds_alternative<AnnouncingEnd>(stopping->stage)) {
            return command_or_ladder(turn, stopping->after, "waited long enough for others");
        }
        return wind_down(turn, stopping->after, "the stop command had no effect");
    }
    if (launch() == nullptr) return restart_command_due(turn);
    if (std::holds_alternative<Settling>(*launch())) return settling_due(turn);
    return readying_due(turn);
}

// ---- What is seen.

status::Instance Instance::status() const {
    status::Instance seen;
    seen.name = name_;
    seen.state = shown_;
    seen.goal = goal_;
    seen.ready = is_ready();
    seen.restarts = restarts_;
    seen.since = since_;
    // A replacement went by without another state being shown.
    if (const Running* running = std::get_if<Running>(&state_)) {
        seen.since = std::max(since_, running->ready_since);
    }
    seen.reason = reason_;
    seen.last_exit = last_exit_;
    seen.port_slot = port_slot_;
    seen.group = service_->listing.group;
    seen.position = service_->listing.position;
    seen.monitors_children = service_->monitor_children.has_value();
    seen.command = spec::to_text(service_->command);
    seen.restart = spec::to_text(service_->restart);
    seen.phase = phase();
    seen.direction = direction();
    seen.task = is_job() && service_->job->task;
    if (const Backoff* backoff = std::get_if<Backoff>(&state_)) seen.next_attempt = backoff->until;
    seen.checks = checks_seen();
    for (const LiveRun& run : runs_) {
        const bool is_main = run.part == RunPart::Main;
        if (is_main && run.said) seen.said = *run.said;
        if (is_main) seen.pid = run.has_forked() ? 0 : run.process.pid;
        std::string role = run.part == RunPart::Helper ? "helper" : to_text(run.role);
        if (run.role == RunRole::Main) {
            if (run.part == RunPart::Candidate) role = "replacement";
            if (run.part == RunPart::Retiring) role = "retiring";
            if (run.part == RunPart::Leaving) {
                role = "leaving";
                seen.pid = run.has_ended() ? 0 : run.process.pid;
            }
        }
        seen.runs.push_back(status::Run{run.id, std::move(role), run.process.pid, run.since});
    }
    return seen;
}

}  // namespace reeve::core
