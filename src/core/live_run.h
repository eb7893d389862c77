#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/rare.h"
#include "base/time.h"
#include "core/run.h"
#include "core/run_checks.h"
#include "core/stop_escalation.h"
#include "core/turn.h"
#include "spec/app.h"
#include "status/exit.h"

namespace reeve::core {

/// Waits at the start brake; nothing was spawned.
struct RunQueued {};

/// SpawnRun was given; exec is not confirmed yet.
struct RunSpawning {
    TimePoint overdue_at;
};

/// The same, for longer than its service allows: it hangs between clone and exec.
struct RunHanging {
    std::string stage;  // empty: not known yet
};

/// The program was executed.
struct RunAlive {
    TimePoint since;
};

/// The main process has ended, others of the run are left.
struct RunEnded {
    status::Exit exit;
};

/// LookForRunning was given: there is no process yet, or an unknown one.
struct RunLooking {};

/// The command has ended well, and who the main process is will be told by AwaitMain.
struct RunForked {
    status::Exit exit;
};

using RunState =
    std::variant<RunQueued, RunSpawning, RunHanging, RunAlive, RunEnded, RunLooking, RunForked>;

/// What a run is to its instance just now. An instance has at most one Main, one Candidate and one
/// Hook; of the others any number.
enum class RunPart {
    Main,       // the process that the instance is about
    Candidate,  // will be Main when it is ready (StartFirst)
    Hook,       // a hook or stop command whose end the instance waits for
    Helper,     // what a finished hook left behind on purpose; lives as long as Main
    Leaving,    // on its way out; the instance does not start again before it has gone
    Retiring,   // replaced; on its way out without anybody waiting, except a stop
    Probe       // the command of a check; its exit is a sample
};

/// Which command of which check a run executes, and for whom.
struct CheckCommand {
    RunId of = 0;  // the main run that is looked at
    std::uint32_t check = 0;
    std::uint32_t step = 0;    // CheckStep only
    std::uint64_t number = 0;  // Check only: of the sample
};

/// One run, from the wait for the start brake until nothing of it is left: what is the same for
/// main processes, hooks and those that were replaced. A value; its instance moves it along.
struct LiveRun {
    RunId id = 0;
    RunRole role = RunRole::Main;
    RunPart part = RunPart::Main;
    int port_slot = 0;
    ProcessId process;
    int session = 0;                       // the process that was spawned, and led its session
    TimePoint since;                       // spawned, or queued
    std::shared_ptr<const spec::App> app;  // shared: a run keeps the spec it was started with
    const spec::Service* service = nullptr;
    RunState state = RunQueued{};
    Deadline patience_ends;       // Hook: it is killed then; drained: stopped then
    bool awaits_proxy = false;    // is_draining: it is stopped earlier on TrafficGone
    Deadline forks_until;         // TrackForks: its end may be a fork until then
    Rare<StopEscalation> ending;  // on its way out
    RunChecks checks;             // Main and Candidate: what is looked at
    Rare<std::string> said;       // the latest STATUS= at its notify socket
    Rare<CheckCommand> command;   // roles Check and CheckStep: which one

    /// When `step_ending` or its instance wants to look at it again.
    Deadline deadline() const;

    bool is_queued() const { return std::holds_alternative<RunQueued>(state); }
    bool is_alive() const { return std::holds_alternative<RunAlive>(state); }
    bool has_ended() const { return std::holds_alternative<RunEnded>(state); }
    bool is_looking() const { return std::holds_alternative<RunLooking>(state); }
    bool has_forked() const { return std::holds_alternative<RunForked>(state); }

    /// Whether it was asked to hold its place at the start brake.
    bool is_between_clone_and_exec() const {
        return std::holds_alternative<RunSpawning>(state) ||
               std::holds_alternative<RunHanging>(state);
    }

    /// Whether it was replaced or taken away, and is told to end after a pause.
    bool is_draining() const {
        const bool leaves = part == RunPart::Retiring || part == RunPart::Leaving;
        return leaves && role == RunRole::Main && patience_ends && !ending;
    }

    /// Whether it outlived SIGKILL and all patience.
    bool is_unkillable() const { return ending && ending->is_stuck(); }

    /// Since the program was executed; zero before.
    Duration lived(TimePoint now) const;

    /// Starts its way out: the ladder of its service; SIGKILL where nothing was executed yet; a
    /// ladder with a short end for what a main process left behind. Nothing if it is on its way.
    void begin_ending(Turn& turn);

    /// The same for what was replaced or taken away: it may take the time of its RolloutSpec first.
    void retire(Turn& turn);

    /// SIGKILL to all of it, at once.
    void kill(Turn& turn);

    /// The main process has gone and left others behind: watches them, and adapts a running ladder.
    void leave_others(Turn& turn, status::Exit exit);

    /// Sends the next signal if its time has come.
    void step_ending(Turn& turn);

private:
    void begin(Turn& turn, Duration patience);
    void send_next(Turn& turn);
};

}  // namespace reeve::core
