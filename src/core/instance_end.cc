#include "base/check.h"
#include "core/instance.h"

// The end of a life, asked for or not: hooks, ladder, emptiness, and what follows.
namespace reeve::core {

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
        if (hook_runs) return std::nullopt;
        return wind_down(turn, stopping->after, "");
    }
    last_exit_ = exit;
    const Duration lived = run.lived(turn.now);
    const std::string reason = describe(exit) + " after " + to_text(lived);
    cause_ = std::make_shared<status::Cause>(status::Cause{
        status::CauseKind::ProcessExit, ++turn.last_cause,
        spec::instance_text(name_) + " (pid " + std::to_string(run.process.pid) + ") " + reason});

    if (std::holds_alternative<Starting>(state_)) {
        return launch_failed(turn, End{exit, lived, {}}, reason);
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
    const Decision decision = policy_.after_end(
        service_->restart, End{exit, lived, turn.now - running.ready_since}, turn.now, turn.random);
    return wind_down(turn, AfterEnd{decision, reason, false}, reason);
}

Instance::MaybeChange Instance::hook_ended(Turn& turn, const LiveRun& hook, bool ok,
                                           const std::string& problem) {
    switch (hook.role) {
        case RunRole::PreStart: {
            const bool proceed =
                ok || hook.service->hooks.pre_start->on_failure == spec::HookFailure::Ignore;
            if (!proceed) {
                return launch_failed(turn, End{StartFailure{}, {}, {}},
                                     "pre-start hook " + problem);
            }
            const bool replacing = std::holds_alternative<Running>(state_);
            spawn(turn, RunRole::Main, replacing ? RunPart::Candidate : RunPart::Main,
                  replacing ? 1 - port_slot_ : port_slot_);
            return with_launch(Spawning{}, "");
        }
        case RunRole::PostStart: {
            const std::string how = ok ? "started" : "started; post-start hook " + problem;
            return launch_done(turn, std::get<PostStarting>(*launch()).ready_since, how);
        }
        case RunRole::PreStop:
            return command_or_ladder(turn, std::get<Stopping>(state_).after, "");
        case RunRole::StopCommand: {
            // A command that worked has until its deadline to show an effect.
            const bool wait_on = ok && find(RunPart::Main) != nullptr;
            if (wait_on) return std::nullopt;
            return wind_down(turn, std::get<Stopping>(state_).after, "");
        }
        case RunRole::PostStop:
            return run_left(turn);
        case RunRole::RestartCommand:
            return restart_commanded(turn, ok, problem);
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
    if (!service_->hooks.pre_stop) return command_or_ladder(turn, std::move(after), reason);
    spawn(turn, RunRole::PreStop, RunPart::Hook, port_slot_);
    return Change{Stopping{PreStopping{}, std::move(after)}, reason};
}

Instance::MaybeChange Instance::command_or_ladder(Turn& turn, AfterEnd after,
                                                  const std::string& reason) {
    const LiveRun* main = find(RunPart::Main);
    if (!service_->stop.command || main == nullptr || !main->is_alive()) {
        return wind_down(turn, std::move(after), reason);
    }
    spawn(turn, RunRole::StopCommand, RunPart::Hook, port_slot_);
    const TimePoint until = turn.now + service_->stop.command_timeout;
    return Change{Stopping{Commanding{until}, std::move(after)}, reason};
}

/// Sends everything that is left on its way out.
Instance::MaybeChange Instance::wind_down(Turn& turn, AfterEnd after, const std::string& reason) {
    leave_all(turn);
    if (is_cleared(turn)) return after_cleared(turn, std::move(after));
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
    if (wanted(turn) != status::Goal::Up) return Change{Stopped{}, after.reason};
    if (std::holds_alternative<StayDown>(after.decision)) {
        return Change{Stopped{}, after.reason + "; its restart policy leaves it down"};
    }
    if (std::holds_alternative<GiveUp>(after.decision)) {
        return Change{Failed{}, after.reason + "; not tried again until something changes"};
    }
    const RestartAt& restart = std::get<RestartAt>(after.decision);
    if (!after.asked_for) ++restarts_;
    if (restart.at <= turn.now) {
        return begin_start(turn,
                           after.asked_for ? after.reason : after.reason + "; restarting now");
    }
    return Change{Backoff{restart.at, restart.crash_looping},
                  after.reason + "; next start in " + to_text(restart.at - turn.now)};
}

}  // namespace reeve::core
