#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "spec/instance_name.h"
#include "status/check.h"
#include "status/exit.h"
#include "status/transition.h"

namespace reeve::status {

/// One live process tree of an instance.
struct Run {
    std::uint64_t id = 0;
    std::string role;  // `main`, `pre-start`, `retiring`
    int pid = 0;       // 0: not spawned yet
    TimePoint since;
};

/// Where a life stands, finer than State: the ten states of an Upstart job, for every instance.
/// Source: upstart init/state.h.
enum class Phase {
    Waiting,
    Starting,  // announced; whoever wants to do something about it first is waited for
    PreStart,
    Spawned,  // not ready yet
    PostStart,
    Running,
    PreStop,
    Stopping,  // as Starting
    Killed,    // on its way out
    PostStop
};

/// `pre-start`.
std::string to_text(Phase phase);

/// What a life is moving towards.
enum class Direction {
    Stop,
    Start,
    Respawn  // its main process has ended under a hook, after which it will start again
};

/// `stop`, `start`, `respawn`.
std::string to_text(Direction direction);

/// What is seen of one instance: the mirror of its spec. A value, made on demand.
struct Instance {
    spec::InstanceName name;
    State state = State::Stopped;
    Goal goal = Goal::Down;
    int pid = 0;  // of the main process, 0: none
    bool ready = false;
    bool held = false;           // of a new release that is not switched to yet
    std::uint32_t restarts = 0;  // by itself, since the last operator's start
    TimePoint since;             // when `state` was entered
    std::string reason;          // why it is in this state
    std::optional<Exit> last_exit;
    Deadline next_attempt;  // Backoff, CrashLooping: when
    int port_slot = 0;      // which of its ports
    int port = 0;           // filled in by the daemon; 0: none
    std::vector<Run> runs;  // current, hooks and retiring ones
    std::vector<Check> checks;
    std::vector<std::string> limits;  // filled in by the daemon; each says why it is not applied
    std::string said;                 // the latest STATUS= at its notify socket
    std::string group;                // of the service, in its own configuration; empty: none
    std::uint32_t position = 0;       // of the service among the others there
    bool monitors_children = false;   // its service's descendants are looked after one by one
    std::string command;
    std::string restart;  // the policy, in a word
    Phase phase = Phase::Waiting;
    Direction direction = Direction::Stop;
    bool task = false;  // a job that is run to its end
};

/// What is seen of one app.
struct App {
    std::string name;
    std::string format;
    std::string source;
    std::string directory;
    bool formation_fixed = false;
    struct Formation {
        std::string service;
        std::uint32_t wanted = 0;
        std::uint32_t running = 0;
    };
    std::vector<Formation> formation;
};

}  // namespace reeve::status
