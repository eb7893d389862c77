#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/run.h"
#include "spec/app.h"
#include "spec/instance_name.h"
#include "spec/named_event.h"
#include "spec/target.h"
#include "status/exit.h"
#include "status/transition.h"

// What comes into the core: facts that the drivers saw, and commands of operators. The core is told
// everything that it knows through these, so a recorded list of events replays its decisions.
namespace reeve::core {

/// A command's identity, chosen at random by the client: a command that is sent again after the
/// daemon was replaced joins the first one and is not carried out twice.
using OperationId = std::uint64_t;

// ---- Facts about runs. News of a run that the core no longer has is answered with ReapRun only.

/// The clone succeeded; exec has not been confirmed yet.
struct Spawned {
    RunId run = 0;
    ProcessId process;
};

/// The program was executed (every step between clone and exec succeeded).
struct Executed {
    RunId run = 0;
};

/// A step before or at exec failed, or the clone itself (then no process is left behind either).
struct SpawnFailed {
    RunId run = 0;
    std::string stage;  // `chdir /srv/shop`, `exec bin/web`, `clone`
    int error = 0;      // errno
};

/// The answer to InspectSpawn: where the child hangs between clone and exec.
struct SpawnOverdue {
    RunId run = 0;
    std::string stage;
};

/// A process that may be the main one, now that the one before has ended.
struct Heir {
    ProcessId process;
    bool in_pid_file = false;    // the pid file of its service names it
    bool leads_session = false;  // it has started a session of its own
    bool left_session = false;   // it is in another session than the process that was spawned
    friend bool operator==(const Heir&, const Heir&) = default;
};

/// The run's main process has ended. `others_left`: other processes of the run are still there.
struct Exited {
    RunId run = 0;
    status::Exit exit;
    bool others_left = false;
    /// Where the service's TrackingSpec looks for a successor: who may be it. None is a promise
    /// that there is none.
    std::vector<Heir> heirs;
    std::string last_output;  // of a check's, stop or restart command: its last lines, bounded
};

/// The answer to AwaitMain.
struct MainFound {
    RunId run = 0;
    ProcessId process;
};

/// An answer to LookForRunning: this process is the instance's and runs already.
struct FoundRunning {
    RunId run = 0;
    ProcessId process;
};

/// The other answer to LookForRunning.
struct NothingRuns {
    RunId run = 0;
};

/// No process of the run is left (the answer to WatchEmpty, and only to that).
struct RunEmptied {
    RunId run = 0;
};

/// The answer to ProbeReadiness.
struct Ready {
    RunId run = 0;
    std::string how;  // `accepts connections on port 20003`
};

/// The answer to SampleCheck, or what an evaluator outside reeve says of a custom check.
struct Sampled {
    RunId run = 0;
    std::uint32_t check = 0;   // its place among the service's checks
    std::uint64_t number = 0;  // as in SampleCheck; an answer to an older question is ignored
    bool passed = false;
    std::string text;  // `71MB`, `503 Service Unavailable`
};

/// A process of the run said something at its notify socket, besides READY=1 (which is Ready).
struct NotifySaid {
    RunId run = 0;
    bool watchdog = false;              // WATCHDOG=1
    std::optional<std::string> status;  // STATUS=
};

/// After a replacement of the daemon: the journalled run was never spawned.
struct RunLost {
    RunId run = 0;
};

// ---- Commands. Each becomes an operation, answered by exactly one Refused or Accepted, and an
// ---- Accepted one later by exactly one OperationDone.

/// Brings an app in, or replaces its spec. What did not change is not touched: instances whose
/// service is equal in both keep running, changed ones are rolled, removed ones are stopped.
struct LoadApp {
    std::shared_ptr<const spec::App> app;  // shared: each run keeps the spec it was started with
    bool start = true;                     // false: everything stays down until a start
    /// All of it or nothing: what is new is ready before anything that runs is touched, and then
    /// everything is switched at once; where something new fails, all stays as it was. Starts
    /// what was stopped, and takes the numbers of instances from the spec.
    bool together = false;
};

/// Stops everything of the app and forgets it.
struct UnloadApp {
    std::string app;
};

/// Goal up. Wakes what is waiting in back-off, forgets restart counts; what runs is left alone.
struct Start {
    std::vector<spec::Target> targets;
};

/// Goal down, remembered until a Start.
struct Stop {
    std::vector<spec::Target> targets;
};

/// Replaces running instances as their RolloutSpec says; starts stopped ones.
struct Restart {
    std::vector<spec::Target> targets;
};

/// Sends a signal to the running processes, as the service's SignalScope says; no state changes.
struct Signal {
    std::vector<spec::Target> targets;
    int signal = 0;
};

/// Sends each service's reload signal to the main processes; no state changes.
struct Reload {
    std::vector<spec::Target> targets;
};

/// Sets how many instances of services there are. All or nothing.
struct Scale {
    std::string app;
    struct Count {
        std::string service;
        std::uint32_t instances = 0;
    };
    std::vector<Count> counts;
};

/// Goal unmonitored: the process is left alone, and its end changes nothing.
struct Unmonitor {
    std::vector<spec::Target> targets;
};

/// Stops every instance without changing what is remembered: the next start of reeve brings up
/// what was up. New commands but Stop, Signal, Emit and Shutdown are refused from then on.
struct Shutdown {
    /// Told to all jobs first, and waited for within bounds, so that they can stop in their order.
    std::optional<spec::NamedEvent> farewell;
};

/// Tells everybody of an event; done when what it started is up and what it stopped is down.
struct Emit {
    spec::NamedEvent event;
    bool waits = true;  // false: done as soon as it is taken
};

/// Starts, stops, restarts or signals one instance of a job, named by the variables that its
/// `instance` is expanded with, or by its key itself.
struct JobCommand {
    enum class Verb { Start, Stop, Restart, Reload };
    Verb verb = Verb::Start;
    std::string app;
    std::string job;
    spec::Variables variables;
    std::optional<std::string> key;
};

/// Changes variables of one job's processes to come, or (no job given) of all jobs of the app.
struct SetVariables {
    std::string app;
    std::string job;  // empty: all jobs
    std::string key;
    bool reset = false;  // forget all that operators set for the app first
    spec::Variables set;
    std::vector<std::string> unset;
    bool keep_existing = false;  // `set` changes nothing that is set already
};

using CommandKind = std::variant<LoadApp, UnloadApp, Start, Stop, Restart, Signal, Scale, Unmonitor,
                                 Shutdown, Reload, Emit, JobCommand, SetVariables>;

struct Command {
    OperationId operation = 0;
    status::Cause cause;  // id is given by the core
    CommandKind kind;
};

/// What was remembered of an app is back from disk, after a start of reeve without a journal: as
/// LoadApp, with its formation and what was stopped by hand. Not answered.
struct RestoreApp {
    std::shared_ptr<const spec::App> app;
    std::string formation;  // as PersistFormation gave it
    status::Cause cause;    // Boot
    bool start = true;      // false: it stays down until a start
};

/// The proxy sends nothing any more to what was replaced or taken away of the app before now (or
/// there is no proxy). Not answered.
struct TrafficGone {
    std::string app;
};

/// Something happened outside, as a driver saw it. Not answered.
struct Happened {
    spec::NamedEvent event;
    std::string source;  // `network`: for the cause
};

/// Events to be told of one after the other, each when the one before is over (within bounds): what
/// a machine goes through at boot. Not answered.
struct EventSequence {
    std::vector<spec::NamedEvent> events;
    std::string source;
};

/// Nothing happened but time: the deadline has passed.
struct TimePassed {};

using Event =
    std::variant<TimePassed, Spawned, Executed, SpawnFailed, SpawnOverdue, Exited, RunEmptied,
                 Ready, Sampled, NotifySaid, RunLost, Command, RestoreApp, MainFound, FoundRunning,
                 NothingRuns, Happened, EventSequence, TrafficGone>;

}  // namespace reeve::core
