#include <signal.h>

#include <algorithm>

#include "base/check.h"
#include "core/instance.h"
#include "core/tracking.h"

// Who the main process is (spec/tracking_spec.h): commands that fork away, pid files, processes
// that run already or take over from one another, and the restart command that makes them do so.
namespace reeve::core {
namespace {

bool looks_again(const LiveRun& run) {
    const auto* file = std::get_if<spec::TrackPidFile>(&run.service->tracking);
    return file != nullptr && file->look_again;
}

/// How long a restart command may take, and then its daemon. A limit of zero bounds the former
/// only by what an operator does; it is looked at now and then.
Duration restart_patience(const spec::Service& service) {
    return std::max<Duration>(service.restart_command->timeout, 1s);
}

bool is_current(const LiveRun& run) {
    const bool meant = run.part == RunPart::Main || run.part == RunPart::Candidate;
    return run.role == RunRole::Main && meant && !run.ending;
}

}  // namespace

// ---- The launch, until it is known who the main process is.

Instance::MaybeChange Instance::begin_settling(Turn& turn, LiveRun& main) {
    const spec::TrackingSpec& tracking = main.service->tracking;
    if (const auto* forks = std::get_if<spec::TrackForks>(&tracking)) {
        return with_launch(Settling{turn.now + forks->foreground_after}, "");
    }
    if (std::holds_alternative<spec::TrackStops>(tracking)) {
        turn.out.push_back(AwaitMain{main.id});
        return with_launch(Settling{}, "");
    }
    const auto* file = std::get_if<spec::TrackPidFile>(&tracking);
    if (file != nullptr && file->writer == spec::PidFileWriter::Program) {
        return with_launch(Settling{turn.now + file->start_grace}, "");
    }
    if (looks_again(main)) turn.out.push_back(AwaitMain{main.id});
    return launch_settled(turn, "");
}

Instance::MaybeChange Instance::settling_due(Turn& turn) {
    const bool replacing = std::holds_alternative<Running>(state_);
    const LiveRun& main = *find(replacing ? RunPart::Candidate : RunPart::Main);
    if (const auto* forks = std::get_if<spec::TrackForks>(&main.service->tracking)) {
        return launch_settled(turn, "did not fork within " + to_text(forks->foreground_after) +
                                        ", though it is expected to; it counts as a foreground "
                                        "program");
    }
    const auto* file = std::get_if<spec::TrackPidFile>(&main.service->tracking);
    // A new configuration that counts from the next start on has no pid file to wait for.
    if (file == nullptr) return launch_settled(turn, "");
    const std::string grace = to_text(file->start_grace);
    const std::string problem =
        main.has_forked() ? "no living process in its pid file " + file->path + " within " + grace
                          : "its start command did not end within " + grace +
                                "; does the program turn itself into a daemon?";
    return launch_failed(turn, End{StartFailure{}, main.lived(turn.now), {}}, problem);
}

/// Whether AwaitMain stands for the run.
bool Instance::awaits_main(const LiveRun& run) const {
    if (!is_current(run)) return false;
    if (run.has_forked()) return true;
    const bool settling = launch() != nullptr && std::holds_alternative<Settling>(*launch());
    if (std::holds_alternative<spec::TrackStops>(run.service->tracking)) {
        return run.is_alive() && settling;
    }
    return run.is_alive() && looks_again(run) && !settling;
}

// ---- One process takes over from another.

/// The main process has ended: if another one is the main process now, it is followed.
bool Instance::follow_heir(Turn& turn, const Exited& fact) {
    LiveRun& run = *find(fact.run);
    if (!is_current(run) || std::holds_alternative<Stopping>(state_)) return false;
    const Heir* heir =
        choose_heir(run.service->tracking, fact.exit, run.forks_until, turn.now, fact.heirs);
    if (heir == nullptr) return false;
    if (launch() == nullptr) {
        cause_ = std::make_shared<status::Cause>(
            status::Cause{status::CauseKind::ProcessExit, ++turn.last_cause,
                          spec::instance_text(name_) + " (pid " + std::to_string(run.process.pid) +
                              ") " + describe(fact.exit)});
    }
    apply(turn, follow(turn, run, heir->process));
    return true;
}

/// The command has ended, and its daemon is not to be seen yet: it has its time.
bool Instance::await_daemon(Turn& turn, const Exited& fact) {
    LiveRun& run = *find(fact.run);
    if (!is_current(run)) return false;
    if (run.has_forked()) return true;
    const bool settling = launch() != nullptr && std::holds_alternative<Settling>(*launch());
    const Running* running = std::get_if<Running>(&state_);
    const bool commanded =
        running != nullptr && std::holds_alternative<RestartCommanding>(running->replacement);
    const bool by_itself = settling && may_be_found_later(run.service->tracking, fact.exit);
    const bool replaced = commanded && may_run_already(run.service->tracking);
    if (!by_itself && !replaced) return false;
    run.state = RunForked{fact.exit};
    turn.out.push_back(AwaitMain{run.id});
    apply(turn, std::nullopt);
    return true;
}

Instance::MaybeChange Instance::follow(Turn& turn, LiveRun& run, const ProcessId& process) {
    const ProcessId former = run.process;
    run.process = process;
    if (!run.is_alive()) run.state = RunAlive{run.since};
    if (run.forks_until) run.forks_until = turn.now + kForksAgainWithin;
    if (run.part == RunPart::Main) last_pid_ = process.pid;
    turn.out.push_back(FollowProcess{run.id, process, former});
    if (looks_again(run)) turn.out.push_back(AwaitMain{run.id});
    const std::string how = "process " + std::to_string(process.pid) + " has taken over from " +
                            std::to_string(former.pid);
    if (launch() != nullptr && std::holds_alternative<Settling>(*launch())) {
        return launch_settled(turn, how);
    }
    const Running* running = std::get_if<Running>(&state_);
    const bool commanded = running != nullptr && find(RunPart::Hook) == nullptr &&
                           std::holds_alternative<RestartCommanding>(running->replacement);
    if (commanded) return restarted_by_command(turn, how);
    return Change{state_, how, true};
}

void Instance::main_found(Turn& turn, const MainFound& fact) {
    LiveRun& run = *find(fact.run);
    if (!awaits_main(run)) return;
    if (std::holds_alternative<spec::TrackStops>(run.service->tracking)) {
        turn.out.push_back(SignalRun{run.id, SIGCONT, spec::SignalScope::Main});
        return apply(turn, launch_settled(turn, "stopped itself, and was continued"));
    }
    if (fact.process == run.process) return;
    apply(turn, follow(turn, run, fact.process));
}

// ---- What runs already.

void Instance::found_running(Turn& turn, const FoundRunning& fact) {
    LiveRun& run = *find(fact.run);
    if (!run.is_looking()) return;
    run.process = fact.process;
    run.state = RunAlive{turn.now};
    run.since = turn.now;
    if (run.part != RunPart::Main) {
        // A stop was asked for meanwhile.
        run.begin_ending(turn);
        return apply(turn, std::nullopt);
    }
    last_pid_ = fact.process.pid;
    launched_ = true;
    if (looks_again(run)) turn.out.push_back(AwaitMain{run.id});
    apply(turn,
          Change{Running{turn.now, NoReplacement{}},
                 "adopted process " + std::to_string(fact.process.pid) + ", which runs already"});
}

void Instance::nothing_runs(Turn& turn, const NothingRuns& fact) {
    const LiveRun& run = *find(fact.run);
    if (!run.is_looking()) return;
    const bool launching = run.part == RunPart::Main;
    forget_run(turn, fact.run);
    if (!launching) return apply(turn, run_left(turn));
    apply(turn, with_launch(begin_own_launch(turn, RunPart::Main), ""));
}

// ---- The restart command.

/// It is for the process that runs as its configuration says now; for another one it takes a stop
/// and a start.
bool Instance::has_restart_command() const {
    const LiveRun* main = find(RunPart::Main);
    return service_->restart_command && main != nullptr && main->is_alive() &&
           main->service == service_;
}

Instance::MaybeChange Instance::begin_restart_command(Turn& turn, const std::string& reason) {
    const TimePoint ready_since = std::get<Running>(state_).ready_since;
    spawn(turn, RunRole::RestartCommand, RunPart::Hook, port_slot_);
    const TimePoint until = turn.now + restart_patience(*service_);
    return Change{Running{ready_since, RestartCommanding{until}}, reason, true};
}

Instance::MaybeChange Instance::restarted_by_command(const Turn& turn,
                                                     const std::string& reason) const {
    return Change{Running{turn.now, NoReplacement{}}, "restarted by its command: " + reason, true};
}

Instance::MaybeChange Instance::restart_commanded(Turn& turn, bool ok, const std::string& problem) {
    const Running* running = std::get_if<Running>(&state_);
    if (running == nullptr || !std::holds_alternative<RestartCommanding>(running->replacement)) {
        return std::nullopt;
    }
    if (find(RunPart::Main)->has_forked()) {
        const TimePoint until = turn.now + restart_patience(*service_);
        return Change{Running{running->ready_since, RestartCommanding{until}}, ""};
    }
    if (ok) {
        return restarted_by_command(turn,
                                    "process " + std::to_string(find(RunPart::Main)->process.pid));
    }
    replacement_error_ = "its restart command " + problem;
    return Change{Running{running->ready_since, NoReplacement{}}, *replacement_error_, true};
}

Instance::MaybeChange Instance::restart_command_due(Turn& turn) {
    const Running& running = std::get<Running>(state_);
    const TimePoint later = turn.now + restart_patience(*service_);
    if (find(RunPart::Hook) != nullptr) {
        // It has its own patience; at the latest this is looked at when that has ended.
        return Change{Running{running.ready_since, RestartCommanding{later}}, ""};
    }
    LiveRun& main = *find(RunPart::Main);
    if (!main.has_forked()) {
        return restarted_by_command(turn, "process " + std::to_string(main.process.pid));
    }
    const status::Exit exit = std::get<RunForked>(main.state).exit;
    LiveRun before = main;
    before.state = RunAlive{main.since};
    main.part = RunPart::Leaving;
    main.begin_ending(turn);
    return run_gone(turn, before, Exited{before.id, exit, false, {}, {}});
}

}  // namespace reeve::core
