#pragma once

#include <string>
#include <variant>

#include "base/time.h"
#include "core/restart_policy.h"

// The states of one instance's life, each with only its own data. Which processes there are is kept
// beside them (core/live_run.h).
namespace reeve::core {

// ---- A launch: from nothing to a ready main process.

/// What it needs is not ready; nothing was spawned.
struct AwaitingNeeds {
    std::string text;  // `needs db, which is starting`
};

/// The pre-start hook runs.
struct PreStarting {};

/// The main process waits at the start brake, or is between clone and exec.
struct Spawning {};

/// The program runs and is not ready yet: its own sign of readiness or startup checks are missing.
struct Readying {
    Deadline until;     // patience with the sign
    bool met = false;   // the sign was seen
    std::string how{};  // which one: `accepts connections on port 20003`
};

/// Ready; the post-start hook runs.
struct PostStarting {
    TimePoint ready_since;
};

/// It is looked whether the main process runs already.
struct Looking {};

/// The program runs; its tracking has not settled yet who the main process is.
struct Settling {
    Deadline until;
};

/// The start of a job was announced, and waits for those who want to do something about it first.
struct Announcing {};

using Launch = std::variant<PreStarting, Spawning, Readying, PostStarting, Looking, Settling,
                            AwaitingNeeds, Announcing>;

// ---- The end of a life.

/// What follows when nothing of a life is left. A goal that is not up comes first.
struct AfterEnd {
    Decision decision;
    std::string reason;      // why it ended
    bool asked_for = false;  // a stop or restart: not the instance's own doing
};

/// The pre-stop hook runs; until its end a job's stop can be called off.
struct PreStopping {
    TimePoint ready_since;
};

/// The stop command was started; patience with it and with the end it is to bring.
struct Commanding {
    TimePoint until;
};

/// Every process is on its way out.
struct Emptying {};

/// Nothing is left but the post-stop hook.
struct PostStopping {};

/// As Announcing, for the end of a job; its main process may still be there.
struct AnnouncingEnd {
    Deadline until;
};

using StopStage = std::variant<PreStopping, Commanding, Emptying, PostStopping, AnnouncingEnd>;

// ---- The states.

struct Stopped {};

struct Starting {
    Launch launch;
};

/// The restart command was started; patience with it, and with the process it is to bring.
struct RestartCommanding {
    TimePoint until;
};

struct NoReplacement {};

/// A replacement was asked for and waits until what was replaced before has gone.
struct ReplacementWaits {};

/// The replacement is ready and waits until it is told to take the old one's place.
struct ReplacementHeld {
    TimePoint ready_since;
};

struct Running {
    TimePoint ready_since;
    std::variant<NoReplacement, ReplacementWaits, Launch, ReplacementHeld, RestartCommanding>
        replacement;
};

struct Stopping {
    StopStage stage;
    AfterEnd after;
};

struct Backoff {
    TimePoint until;
    bool crash_looping = false;
};

/// Given up until something changes.
struct Failed {};

using LifeState = std::variant<Stopped, Starting, Running, Stopping, Backoff, Failed>;

}  // namespace reeve::core
