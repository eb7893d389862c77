#include <algorithm>

#include "base/check.h"
#include "core/instance.h"
#include "core/tracking.h"

// The processes of an instance: spawning them, sending them away, hearing that they have gone.
namespace reeve::core {

LiveRun* Instance::find(RunId run) {
    const auto found =
        std::find_if(runs_.begin(), runs_.end(), [&](const LiveRun& r) { return r.id == run; });
    CHECK(found != runs_.end());
    return &*found;
}

const LiveRun* Instance::find(RunPart part) const {
    const auto found =
        std::find_if(runs_.begin(), runs_.end(), [&](const LiveRun& r) { return r.part == part; });
    return found == runs_.end() ? nullptr : &*found;
}

LiveRun* Instance::find(RunPart part) {
    return const_cast<LiveRun*>(std::as_const(*this).find(part));
}

void Instance::spawn(Turn& turn, RunRole role, RunPart part, int port_slot) {
    LiveRun run;
    run.role = role;
    run.part = part;
    run.port_slot = port_slot;
    spawn(turn, std::move(run));
}

void Instance::spawn(Turn& turn, LiveRun run) {
    run.id = turn.runs.add(id_);
    run.since = turn.now;
    if (run.app == nullptr) {
        run.app = app_;
        run.service = service_;
    }
    runs_.push_back(std::move(run));
    if (turn.brake.enter(runs_.back().id)) send_spawn(turn, runs_.back());
}

namespace {

const Rare<spec::Hook>& hook_of(const spec::Hooks& hooks, RunRole role) {
    switch (role) {
        case RunRole::PreStart:
            return hooks.pre_start;
        case RunRole::PostStart:
            return hooks.post_start;
        case RunRole::PreStop:
            return hooks.pre_stop;
        case RunRole::PostStop:
            return hooks.post_stop;
        case RunRole::Main:
        case RunRole::StopCommand:
        case RunRole::RestartCommand:
        case RunRole::Check:
        case RunRole::CheckStep:
            break;
    }
    CHECK(false);
}

const spec::Command& check_command_of(const spec::Service& service, const CheckCommand& command) {
    const spec::Check& check = service.checks.at(command.check);
    if (const auto* exec = std::get_if<spec::ExecProbe>(&check.probe)) {
        if (command.number != 0) return exec->command;
    }
    return std::get<spec::CheckExec>(check.steps.at(command.step).action).command;
}

const spec::Command& command_of(const LiveRun& run) {
    const spec::Service& service = *run.service;
    if (run.role == RunRole::Main) return service.command;
    if (run.role == RunRole::StopCommand) return *service.stop.command;
    if (run.role == RunRole::RestartCommand) return service.restart_command->command;
    if (run.command) return check_command_of(service, *run.command);
    return hook_of(service.hooks, run.role)->command;
}

}  // namespace

/// A job's hooks have all the time that they want, unless its end must come.
Duration Instance::hook_patience(const Turn& turn, const LiveRun& run) const {
    if (run.role == RunRole::Main || run.role == RunRole::StopCommand) return Duration{};
    if (run.role == RunRole::RestartCommand) return run.service->restart_command->timeout;
    if (run.role == RunRole::Check) return run.service->checks.at(run.command->check).timeout;
    if (run.role == RunRole::CheckStep) return kCheckStepPatience;
    const Duration timeout = hook_of(run.service->hooks, run.role)->timeout;
    const bool stop_side = run.role == RunRole::PreStop || run.role == RunRole::PostStop;
    if (timeout != Duration{} || !stop_side) return timeout;
    return is_job() && !must_end(turn) ? Duration{} : kStopHookPatience;
}

void Instance::send_spawn(Turn& turn, LiveRun& run) {
    const spec::Service& service = *run.service;
    run.state = RunSpawning{turn.now + service.spawn_timeout};
    run.since = turn.now;
    const Duration patience = hook_patience(turn, run);
    if (patience != Duration{}) run.patience_ends = turn.now + patience;
    if (run.role == RunRole::Main || run.role == RunRole::PreStart) launched_ = true;

    const LiveRun* main = find(RunPart::Main);
    const bool names_main = run.role != RunRole::Main && main != nullptr && !main->has_forked();
    turn.out.push_back(SpawnRun{
        run.id,
        run.role,
        name_,
        run.app,
        run.service,
        command_of(run),
        run.port_slot,
        names_main ? main->process.pid : 0,
        is_job() ? run_variables(service, *run.app, name_.key, run.role, job_) : spec::Variables{},
        {}});
}

/// For a run of which nothing is left: reaps it, if there ever was anything.
void Instance::forget_run(Turn& turn, RunId run) {
    LiveRun* gone = find(run);
    turn.brake.leave(run);
    turn.runs.erase(run);
    if (!gone->is_queued() && !gone->is_looking()) turn.out.push_back(ReapRun{run});
    runs_.erase(runs_.begin() + (gone - runs_.data()));
}

/// Lets go of what runs and is not on its way out; false: there is nothing like that.
bool Instance::release_processes(Turn& turn) {
    const auto lives_on = [](const LiveRun& run) {
        const bool is_kept = run.part == RunPart::Main || run.part == RunPart::Helper;
        return is_kept && run.is_alive() && !run.ending;
    };
    bool released = false;
    for (std::size_t i = 0; i < runs_.size();) {
        if (!lives_on(runs_[i])) {
            ++i;
            continue;
        }
        turn.out.push_back(ReleaseRun{runs_[i].id});
        turn.runs.erase(runs_[i].id);
        runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(i));
        released = true;
    }
    return released;
}

/// Sends every run of one part on its way out, under another part.
void Instance::leave(Turn& turn, RunPart from, RunPart to) {
    for (std::size_t i = 0; i < runs_.size();) {
        LiveRun& run = runs_[i];
        if (run.part == from && run.is_queued()) {
            forget_run(turn, run.id);
            continue;
        }
        if (run.part == from) {
            run.part = to;
            run.begin_ending(turn);
        }
        ++i;
    }
}

/// Whether the end of this life is followed by another one, which what was replaced may outlive.
bool Instance::starts_again(const Turn& turn, const AfterEnd& after) const {
    return wanted(turn) == status::Goal::Up && std::holds_alternative<RestartAt>(after.decision);
}

/// What was taken away is stopped after the proxy has let go of it.
bool Instance::drains_first(const Turn& turn) const {
    return removing_ && !turn.shutting_down && is_serving() && service_->wants_port &&
           service_->rollout.proxy_wait > Duration{};
}

void Instance::leave_all(Turn& turn, const AfterEnd& after) {
    LiveRun* main = find(RunPart::Main);
    if (main != nullptr && drains_first(turn) && drain(turn, *main)) main->part = RunPart::Leaving;
    leave(turn, RunPart::Main, RunPart::Leaving);
    leave(turn, RunPart::Candidate, RunPart::Leaving);
    leave(turn, RunPart::Hook, RunPart::Leaving);
    leave(turn, RunPart::Helper, RunPart::Leaving);
    if (!starts_again(turn, after)) leave(turn, RunPart::Retiring, RunPart::Retiring);
}

bool Instance::is_cleared(const Turn& turn, const AfterEnd& after) const {
    if (!starts_again(turn, after)) return runs_.empty();
    return std::all_of(runs_.begin(), runs_.end(),
                       [](const LiveRun& run) { return run.part == RunPart::Retiring; });
}

void Instance::granted(Turn& turn, RunId run) {
    send_spawn(turn, *find(run));
    apply(turn, std::nullopt);
}

void Instance::spawned(Turn& turn, const Spawned& fact) {
    LiveRun& run = *find(fact.run);
    run.process = fact.process;
    run.session = fact.process.pid;
    if (run.part == RunPart::Main) last_pid_ = fact.process.pid;
    apply(turn, std::nullopt);
}

void Instance::executed(Turn& turn, const Executed& fact) {
    LiveRun& run = *find(fact.run);
    if (!run.is_between_clone_and_exec()) return;
    turn.brake.leave(run.id);
    run.state = RunAlive{turn.now};
    if (std::holds_alternative<spec::TrackForks>(run.service->tracking))
        run.forks_until = turn.now + kLateForkMax;
    const bool launching = run.part == RunPart::Main || run.part == RunPart::Candidate;
    apply(turn, launching ? launch_executed(turn) : std::nullopt);
}

void Instance::spawn_failed(Turn& turn, const SpawnFailed& fact) {
    const LiveRun run = *find(fact.run);
    forget_run(turn, fact.run);
    const std::string problem = system_error(fact.stage, fact.error).message;
    const bool missing = fact.error == ENOENT || fact.error == EACCES || fact.error == ENOEXEC ||
                         fact.error == ENOTDIR;
    // A job's main process is there until everybody was told of its end.
    if (std::holds_alternative<Stopping>(state_) && run.part == RunPart::Main) {
        return apply(turn, run_left(turn));
    }
    switch (run.part) {
        case RunPart::Main:
        case RunPart::Candidate:
            return apply(turn, launch_failed(turn, End{StartFailure{missing}, {}, {}}, problem));
        case RunPart::Hook:
            return apply(turn, hook_ended(turn, run, {false, problem, {}, false}));
        case RunPart::Probe:
            return apply(turn, probe_ended(turn, run, {false, problem}));
        case RunPart::Helper:
        case RunPart::Leaving:
        case RunPart::Retiring:
            return apply(turn, run_left(turn));
    }
}

void Instance::spawn_overdue(Turn& turn, const SpawnOverdue& fact) {
    RunHanging* hanging = std::get_if<RunHanging>(&find(fact.run)->state);
    if (hanging == nullptr) return;
    hanging->stage = fact.stage;
    if (shown_ == status::State::Stuck) reason_ = view_reason(shown_);
    apply(turn, std::nullopt);
}

void Instance::exited(Turn& turn, const Exited& fact) {
    LiveRun& run = *find(fact.run);
    if (run.has_ended()) {
        if (!fact.others_left) emptied(turn, RunEmptied{fact.run});
        return;
    }
    turn.brake.leave(run.id);
    if (follow_heir(turn, fact) || await_daemon(turn, fact)) return;
    const LiveRun before = run;
    if (!fact.others_left) {
        forget_run(turn, fact.run);
        return apply(turn, run_gone(turn, before, fact));
    }
    run.leave_others(turn, fact.exit);
    switch (run.part) {
        case RunPart::Main:
            run.part = RunPart::Leaving;
            run.begin_ending(turn);
            break;
        case RunPart::Candidate:
            run.part = RunPart::Retiring;
            run.begin_ending(turn);
            break;
        case RunPart::Hook:
            // A restart command may have left the new main process.
            if (run.role == RunRole::PreStart || run.role == RunRole::PostStart ||
                run.role == RunRole::RestartCommand) {
                run.part = RunPart::Helper;
                run.patience_ends.reset();
            } else {
                run.part = RunPart::Leaving;
                run.begin_ending(turn);
            }
            break;
        case RunPart::Probe:
            run.part = RunPart::Retiring;
            run.kill(turn);
            break;
        case RunPart::Helper:
        case RunPart::Leaving:
        case RunPart::Retiring:
            run.begin_ending(turn);
            break;
    }
    apply(turn, run_gone(turn, before, fact));
}

namespace {

/// What a command has to say: how it ended and, where it failed, its last output.
std::string sample_text(const Exited& fact) {
    const std::string how = describe(fact.exit);
    return status::is_success(fact.exit) || fact.last_output.empty()
               ? how
               : how + ": " + fact.last_output;
}

}  // namespace

/// The main process of `run` (as it was before) has gone.
Instance::MaybeChange Instance::run_gone(Turn& turn, const LiveRun& run, const Exited& fact) {
    const status::Exit& exit = fact.exit;
    switch (run.part) {
        case RunPart::Main:
            return main_ended(turn, run, exit);
        case RunPart::Candidate:
            return launch_failed(turn, End{exit, run.lived(turn.now), {}},
                                 describe(exit) + " after " + to_text(run.lived(turn.now)));
        case RunPart::Hook:
            return hook_ended(turn, run, {status::is_success(exit), sample_text(fact), exit, true});
        case RunPart::Probe:
            return probe_ended(turn, run, {status::is_success(exit), sample_text(fact)});
        case RunPart::Leaving:
            if (run.role == RunRole::Main) note_exit(turn, exit);
            return run_left(turn);
        case RunPart::Helper:
        case RunPart::Retiring:
            return run_left(turn);
    }
    CHECK(false);
}

void Instance::emptied(Turn& turn, const RunEmptied& fact) {
    if (!find(fact.run)->has_ended()) return;
    forget_run(turn, fact.run);
    apply(turn, run_left(turn));
}

/// Something that nobody waited for by name has gone: whoever waits for all of it may go on.
Instance::MaybeChange Instance::run_left(Turn& turn) {
    if (std::holds_alternative<Running>(state_)) return try_waiting_replacement(turn);
    Stopping* stopping = std::get_if<Stopping>(&state_);
    if (stopping == nullptr || !is_cleared(turn, stopping->after)) return std::nullopt;
    if (std::holds_alternative<Emptying>(stopping->stage)) {
        return after_cleared(turn, stopping->after);
    }
    if (std::holds_alternative<PostStopping>(stopping->stage)) {
        return conclude(turn, stopping->after);
    }
    return std::nullopt;
}

void Instance::lost(Turn& turn, const RunLost& fact) {
    LiveRun& run = *find(fact.run);
    const bool was_seen = run.process.pid != 0 || !run.is_between_clone_and_exec();
    if (was_seen || run.ending) {
        return exited(turn, Exited{fact.run, status::ExitUnknown{}, false, {}});
    }
    if (std::holds_alternative<Stopping>(state_) && run.part == RunPart::Main) {
        forget_run(turn, run.id);
        return apply(turn, run_left(turn));
    }
    // It was journalled and never spawned: the same again under a new name, nothing is counted.
    turn.out.push_back(ReapRun{run.id});
    turn.brake.leave(run.id);
    turn.runs.erase(run.id);
    run.id = turn.runs.add(id_);
    run.state = RunQueued{};
    run.patience_ends.reset();
    if (turn.brake.enter(run.id)) send_spawn(turn, run);
    apply(turn, std::nullopt);
}

}  // namespace reeve::core
