#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "spec/instance_name.h"

namespace reeve::status {

/// Where an instance stands in its life (engine.md, §1). One word each, as tables show them.
enum class State {
    Stopped,
    Waiting,   // for a dependency, an event, or the start brake: the reason says which
    Starting,  // from the pre-start hook until ready and the post-start hook has ended
    Running,
    Stopping,      // from the pre-stop hook until verified empty and the post-stop hook has ended
    Backoff,       // ended, and will be started again
    CrashLooping,  // the same, after too many unstable ends
    Failed,        // given up until something changes
    Stuck          // neither starts nor ends: the reason says where
};

/// `running`, `crash-looping`.
std::string to_text(State state);

/// What is wanted of an instance.
enum class Goal { Up, Down, Unmonitored };

/// `up`, `down`, `unmonitored`.
std::string to_text(Goal goal);

/// What outside the engine lies behind a transition; a chain of causes always ends in one.
enum class CauseKind { Operator, ProcessExit, Check, Event, Schedule, Boot, Daemon };

/// `operator`, `exit`.
std::string to_text(CauseKind kind);

/// The outside cause of a transition. `id` is unique and grows; all that one cause led to carries
/// the same one.
struct Cause {
    CauseKind kind = CauseKind::Daemon;
    std::uint64_t id = 0;
    std::string text;  // `uid 0 pid 4711: reeve restart shop`, `web.2 (pid 812) exit code 1`
    friend bool operator==(const Cause&, const Cause&) = default;
};

/// One change of an instance's state: what the ledger keeps and `why` tells.
struct Transition {
    WallTime wall;  // set by the daemon
    TimePoint time;
    spec::InstanceName instance;
    State from = State::Stopped;
    State to = State::Stopped;
    std::string reason;  // a clause: `exited with code 1 after 3s; next start in 1s`
    Cause cause;
    int pid = 0;                     // of the main process concerned, 0: none
    bool begins_crash_loop = false;  // the first of many: an operator wants to hear of it
};

}  // namespace reeve::status
