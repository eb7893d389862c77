#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/event.h"
#include "core/run.h"
#include "spec/app.h"
#include "spec/named_event.h"
#include "status/transition.h"

// What goes out of the core: what the drivers must do, in this order. The daemon writes the changed
// records (Manager::take_changes) to the runtime journal before it performs any of them, unless
// they are questions only (Manager::only_asked).
namespace reeve::core {

/// Clone and exec. Answered by Spawned then Executed, or by SpawnFailed.
struct SpawnRun {
    RunId run = 0;
    RunRole role = RunRole::Main;
    spec::InstanceName instance;
    std::shared_ptr<const spec::App> app;    // shared with the manager and with later runs
    const spec::Service* service = nullptr;  // inside `app`
    spec::Command command;                   // of the service, or of its hook
    int port_slot = 0;                       // which of the instance's ports is PORT
    int main_pid = 0;                        // for hooks and stop commands, 0: none
    /// On top of the service's environment: of the event or command that started or stops it.
    spec::Variables variables;
    /// Below everything else of the environment: what operators set for all jobs of the app.
    spec::Variables base_variables;
};

/// Tell where a run that was not executed in time hangs. Answered by SpawnOverdue, or by Executed
/// if it was executed meanwhile.
struct InspectSpawn {
    RunId run = 0;
};

/// Watch until the run is ready as its service's ReadinessSpec says (port, notify socket,
/// descriptor: the others are the core's own business). Answered by Ready; ends by itself with the
/// run.
struct ProbeReadiness {
    RunId run = 0;
    spec::InstanceName instance;
    spec::ReadinessSpec how;
    int port_slot = 0;
};

/// The run's main process is another one from now on: watch it. The one before has ended and was
/// reaped, or is an ordinary member of the run from now on. Answered by Exited when it ends.
struct FollowProcess {
    RunId run = 0;
    ProcessId process;
    ProcessId former;
};

/// Tell who the main process is, or that it is ready, as the service's TrackingSpec says:
/// TrackStops: once the process has stopped itself. TrackPidFile: once the file names a living
/// process other than the present one; with `look_again`, each time. Answered by MainFound.
struct AwaitMain {
    RunId run = 0;
};

/// Find out whether the main process runs already, before a start. Answered by FoundRunning, which
/// makes it the run's main process, or by NothingRuns.
struct LookForRunning {
    RunId run = 0;
    spec::InstanceName instance;
    std::shared_ptr<const spec::App> app;  // shared with the manager and with later runs
    const spec::Service* service = nullptr;
};

/// Take one sample of a run for a check (all kinds but exec, which is a run of its own, and those
/// that the core judges alone). Answered by Sampled, at the latest after the check's timeout.
struct SampleCheck {
    RunId run = 0;
    std::uint32_t check = 0;  // its place among the service's checks
    std::uint64_t number = 0;
    spec::InstanceName instance;
    std::shared_ptr<const spec::App> app;
    const spec::Service* service = nullptr;  // inside `app`
    int port_slot = 0;
    ProcessId process;
};

/// Send a signal to the processes of a run that `scope` names. Not answered.
struct SignalRun {
    RunId run = 0;
    int signal = 0;
    spec::SignalScope scope = spec::SignalScope::All;
};

/// SIGKILL to every process of the run, at once (`cgroup.kill`). Not answered.
struct KillRun {
    RunId run = 0;
};

/// Tell when no process of the run is left. Answered by RunEmptied, at once if it is so already.
struct WatchEmpty {
    RunId run = 0;
};

/// The run is over and everything about it is recorded: reap its main process, remove its cgroup,
/// forget it. The last action of every run.
struct ReapRun {
    RunId run = 0;
};

/// The run lives on by itself, and is no longer reeve's: forget it, touch nothing of it. The last
/// action of such a run; nothing is told of it any more.
struct ReleaseRun {
    RunId run = 0;
};

/// After a restore: find this run again. Answered by Exited if it ended meanwhile (exit unknown if
/// nobody could see how), by Spawned (if `process` is unknown and it was found), by RunLost if it
/// was never spawned; by nothing if it lives on as known. Where `executed` is false, by Executed as
/// well, as soon as the program is seen to have been executed.
struct AdoptRun {
    RunId run = 0;
    RunRole role = RunRole::Main;
    spec::InstanceName instance;
    std::shared_ptr<const spec::App> app;
    const spec::Service* service = nullptr;
    ProcessId process;
    bool executed = false;  // the core knows already
    int session = 0;        // the process that was spawned, if it is another one
    int port_slot = 0;
};

/// The instance is no more: its ports, log pipe and cgroup can go.
struct ForgetInstance {
    spec::InstanceName instance;
};

/// For the ledger, the log and the followers of events.
struct RecordTransition {
    status::Transition transition;
};

/// Keep this app's spec on disk (empty pointer: forget the app).
struct PersistApp {
    std::string app;
    std::shared_ptr<const spec::App> spec;
};

/// Keep this app's formation and what was stopped by hand on disk.
struct PersistFormation {
    std::string app;
    std::string formation;  // opaque; comes back in RestoreApp
};

/// Something in a configuration did not work out, for the log.
struct LogTrouble {
    std::string text;
};

/// Why a command was not taken.
enum class Refusal { NoSuchTarget, Invalid, NotPermitted, Busy };

struct Refused {
    OperationId operation = 0;
    Refusal refusal = Refusal::Invalid;
    std::string message;
};

struct Accepted {
    OperationId operation = 0;
    std::vector<spec::InstanceName> instances;  // that the command is about
};

/// Everything the command asked for has come to its end.
struct OperationDone {
    OperationId operation = 0;
    bool ok = true;
    /// One line for each instance that is not where it should be: `shop/web.1: exited with code 1`.
    std::vector<std::string> problems;
    std::string message;  // one line: `restarted 3 instances in 2s`
};

using Action = std::variant<SpawnRun, InspectSpawn, ProbeReadiness, SampleCheck, SignalRun, KillRun,
                            WatchEmpty, ReapRun, ReleaseRun, AdoptRun, ForgetInstance,
                            RecordTransition, PersistApp, PersistFormation, LogTrouble, Refused,
                            Accepted, OperationDone, FollowProcess, AwaitMain, LookForRunning>;

using Actions = std::vector<Action>;

}  // namespace reeve::core
