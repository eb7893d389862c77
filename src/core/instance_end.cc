#include "base/check.h"
#include "core/instance.h"

// The end of a life, asked for or not: hooks, ladder, emptiness, and what follows.
namespace reeve::core {
namespace {

/// Whether the command of a job that is not started again is to fork away: an end of which nothing
/// stays is no start then, whatever its code.
bool is_to_leave_a_daemon(const LiveRun& run) {
    const auto* rule = std::get_if<spec::UpstartRestart>(&run.service->restart);
    return rule != nullptr && !rule->respawn &&
           std::holds_alternative<spec::TrackForks>(run.service->tracking);
}

/// What Bluepill's trigger says when it fires: its pause begins when the next start would be due.
std::string flapping_text(const spec::Service& service, const RestartAt& restart) {
    const auto* rule = std::get_if<spec::BluepillRestart>(&service.restart);
    if (rule == nullptr || !rule->flapping || !restart.crash_looping) return "";
    return "; flapping, retrying in " + to_text(rule->flapping->retry_in);
}

}  // namespace

std::string describe(const status::Exit& exit) {
    if (const auto* code = std::get_if<status::ExitCode>(&exit)) {
        return "exited with code " + std::to_string(code->code);
    }
    if (std::holds_alternative<status::ExitUnknown>(exit)) return "ended with unknown status";
    return status::to_text(exit);
}

/// The main process of a life that is being ended has gone: that is what the end will be said to
/// be.
void Instance::note_exit(const Turn& turn, const status::Exit& exit) {
    last_exit_ = exit;
    Stopping* stopping = std::get_if<Stopping>(&state_);
    if (stopping == nullptr || !stopping->after.asked_for) return;
    stopping->after.reason = describe(exit) + " " + to_text(turn.now - since_) + " after " +
                             (wanted(turn) == status::Goal::Up ? "the restart" : "the stop") +
                             " began";
}

Instance::MaybeChange Instance::main_ended(Turn& turn, const LiveRun& run,
                                           const status::Exit& exit) {
    if (const Stopping* stopping = std::get_if<Stopping>(&state_)) {
        note_exit(turn, exit);
        const bool hook_runs = find(RunPart::Hook) != nullptr;
        if (hook_runs || std::holds_alternative<AnnouncingEnd>(stopping->stage)) {
            return std::nullopt;
        }
        return wind_down(turn, stopping->after, "");
    }
    last_exit_ = exit;
    const Duration lived = run.lived(turn.now);
    const std::string reason = describe(exit) + " after " + to_text(lived);
    cause_ = std::make_shared<status::Cause>(status::Cause{
        status::CauseKind::ProcessExit, ++turn.last_cause,
        spec::instance_text(name_) + " (pid " + std::to_string(run.process.pid) + ") " + reason});

    if (std::holds_alternative<Starting>(state_)) {
        const bool settling = launch() != nullptr && std::holds_alternative<Settling>(*launch());
        if (settling && is_job() && status::is_success(exit) && is_to_leave_a_daemon(run)) {
            return launch_failed(turn, End{StartFailure{}, lived, {}},
                                 reason + " and left no process behind, though it is expected to");
        }
        const End end{exit, lived, {}};
        if (waits_for_hook(turn)) return main_ended_under_hook(turn, end, reason);
        return launch_failed(turn, end, reason);
    }
    const Running& running = std::get<Running>(state_);
    if (goal_ == status::Goal::Unmonitored) {
        return wind_down(turn, AfterEnd{StayDown{}, reason + " while unmonitored", false}, reason);
    }
    if (std::holds_alternative<Launch>(running.replacement)) {
        return promote_after_death(turn, reason);
    }
    if (std::holds_alternative<ReplacementHeld>(running.replacement)) {
        return promote_held_after_death(turn, reason);
    }
    const End end{exit, lived, turn.now - running.ready_since};
    const Decision decision = policy_.after_end(service_->restart, end, turn.now, turn.random);
    if (is_job()) judge_job(turn, decision, end);
    return wind_down(turn, AfterEnd{decision, reason, false}, reason);
}

Instance::MaybeChange Instance::pre_start_ended(Turn& turn, const LiveRun& hook,
                                                const HookEnd& end) {
    const bool proceed =
        end.ok || hook.service->hooks.pre_start->on_failure == spec::HookFailure::Ignore;
    if (!proceed) {
        if (is_job()) fail_job(turn, "pre-start", end.exit);
        return launch_failed(turn, End{StartFailure{}, {}, {}}, "pre-start hook " + end.problem);
    }
    if (is_job()) {
        if (MaybeChange back = turned_back(turn)) return back;
    }
    return launch_main(turn);
}

Instance::MaybeChange Instance::post_start_ended(Turn& turn, const HookEnd& end) {
    if (is_job() && !end.spawned) {
        fail_job(turn, "post-start", std::nullopt);
        return wind_down(turn, AfterEnd{GiveUp{}, end.problem, false}, end.problem);
    }
    if (is_job()) {
        if (MaybeChange back = turned_back(turn)) return back;
    }
    const std::string how = end.ok ? "started" : "started; post-start hook " + end.problem;
    return launch_done(turn, std::get<PostStarting>(*launch()).ready_since, how);
}

Instance::MaybeChange Instance::hook_ended(Turn& turn, const LiveRun& hook, const HookEnd& end) {
    // A start that is ended without waiting for its hook: nothing follows from the hook any more.
    const bool begins = hook.role == RunRole::PreStart || hook.role == RunRole::PostStart;
    if (begins && std::holds_alternative<Stopping>(state_)) return run_left(turn);
    switch (hook.role) {
        case RunRole::PreStart:
            return pre_start_ended(turn, hook, end);
        case RunRole::PostStart:
            return post_start_ended(turn, end);
        case RunRole::PreStop:
            if (is_job()) return pre_stop_ended(turn);
            return command_or_ladder(turn, std::get<Stopping>(state_).after, "");
        case RunRole::StopCommand: {
            // A command that worked has until its deadline to show an effect.
            const bool wait_on = end.ok && find(RunPart::Main) != nullptr;
            if (wait_on) return std::nullopt;
            return wind_down(turn, std::get<Stopping>(state_).after,
                             end.ok ? "" : "its stop command " + end.problem);
        }
        case RunRole::PostStop:
            if (is_job() && !end.ok) {
                fail_job(turn, "post-stop", end.exit);
                std::get<Stopping>(state_).after =
                    AfterEnd{GiveUp{}, "post-stop hook " + end.problem, false};
                leave(turn, RunPart::Retiring, RunPart::Retiring);
            }
            return run_left(turn);
        case RunRole::RestartCommand:
            return restart_commanded(turn, end.ok, end.problem);
        case RunRole::Main:
        case RunRole::Check:
        case RunRole::CheckStep:
            break;
    }
    CHECK(false);
}

/// Ends a running life that nothing is wrong with.
Instance::MaybeChange Instance::end_running(Turn& turn, AfterEnd after, const std::string& reason) {
    leave(turn, RunPart::Candidate, RunPart::Leaving);
    leave(turn, RunPart::Hook, RunPart::Leaving);
    const bool hooked = service_->hooks.pre_stop && find(RunPart::Main) != nullptr;
    if (!hooked && is_job()) return announce_end(turn, std::move(after), reason);
    if (!hooked) return command_or_ladder(turn, std::move(after), reason);
    const TimePoint ready_since = std::get<Running>(state_).ready_since;
    spawn(turn, RunRole::PreStop, RunPart::Hook, port_slot_);
    return Change{Stopping{PreStopping{ready_since}, std::move(after)}, reason};
}

Instance::MaybeChange Instance::command_or_ladder(Turn& turn, AfterEnd after,
                                                  const std::string& reason) {
    const LiveRun* main = find(RunPart::Main);
    if (!service_->stop.command || main == nullptr || !main->is_alive()) {
        return wind_down(turn, std::move(after), reason);
    }
    leave(turn, RunPart::Hook, RunPart::Leaving);  // of a job's start that is cut short
    spawn(turn, RunRole::StopCommand, RunPart::Hook, port_slot_);
    const TimePoint until = turn.now + service_->stop.command_timeout;
    return Change{Stopping{Commanding{until}, std::move(after)}, reason};
}

/// Sends everything that is left on its way out; a job's end is announced first.
Instance::MaybeChange Instance::wind_down(Turn& turn, AfterEnd after, const std::string& reason) {
    if (is_job() && !is_end_announced()) return announce_end(turn, std::move(after), reason);
    return send_away(turn, std::move(after), reason);
}

Instance::MaybeChange Instance::send_away(Turn& turn, AfterEnd after, const std::string& reason) {
    leave_all(turn, after);
    if (is_cleared(turn, after)) return after_cleared(turn, std::move(after));
    return Change{Stopping{Emptying{}, std::move(after)}, reason};
}

Instance::MaybeChange Instance::after_cleared(Turn& turn, AfterEnd after) {
    if (!service_->hooks.post_stop || !launched_) return conclude(turn, after);
    spawn(turn, RunRole::PostStop, RunPart::Hook, port_slot_);
    std::string reason = after.reason;
    return Change{Stopping{PostStopping{}, std::move(after)}, std::move(reason)};
}

/// A life is over and nothing of it is left: the goal decides first, then what its end called for.
Instance::MaybeChange Instance::conclude(Turn& turn, const AfterEnd& after) {
    launched_ = false;
    if (wanted(turn) != status::Goal::Up) return come_to_rest(turn, Stopped{}, after.reason);
    if (std::holds_alternative<StayDown>(after.decision)) {
        return come_to_rest(turn, Stopped{}, after.reason + "; its restart policy leaves it down");
    }
    if (std::holds_alternative<GiveUp>(after.decision)) {
        return come_to_rest(turn, Failed{},
                            after.reason + "; not tried again until something changes");
    }
    const RestartAt& restart = std::get<RestartAt>(after.decision);
    if (after.asked_for) {
        adopt_spec_for_restart();
    } else {
        ++restarts_;
    }
    if (restart.at <= turn.now) {
        return begin_start(turn,
                           after.asked_for ? after.reason : after.reason + "; restarting now");
    }
    return Change{Backoff{restart.at, restart.crash_looping},
                  after.reason + flapping_text(*service_, restart) + "; next start in " +
                      to_text(restart.at - turn.now)};
}

}  // namespace reeve::core
