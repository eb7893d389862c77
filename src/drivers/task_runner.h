#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "drivers/child_plan.h"
#include "drivers/keeper_client.h"
#include "drivers/loop.h"
#include "os/containment.h"
#include "os/spawner.h"
#include "spec/app.h"
#include "status/exit.h"

namespace reeve::drivers {

/// Most tasks at one time; more are refused.
inline constexpr std::size_t kTasksMax = 64;

/// One command that runs beside the services, to its end: a step of a build, a release command, a
/// job of the app's cron.
struct Task {
    std::string app;
    std::string name;  // `release`: what DYNO says, with its number
    std::uint32_t number = 1;
    spec::Command command;
    std::string user;  // empty: the user of apps that name none
    std::string working_dir;
    spec::Environment environment;
    Duration timeout = 1h;  // then it is killed
    int output_fd = -1;     // borrowed for the start: where its output goes; -1: to `on_output`
};

/// Names a task, for as long as this daemon lives. Never 0.
using TaskId = std::uint64_t;

/// Runs tasks as siblings of the daemon, each in a cgroup of its own, with their output in the
/// daemon's hands. A daemon that is replaced kills those of the one before (`kill_strays`): nobody
/// could say any more what was to follow.
class TaskRunner {
public:
    struct Parts {
        event_base* loop = nullptr;
        os::Containment& containment;
        os::Spawner& spawner;
        KeeperClient& keeper;
    };
    /// Output as it comes, in any pieces.
    using OnOutput = std::function<void(std::string_view)>;
    /// The last call. Never from inside `start`.
    using OnEnd = std::function<void(const status::Exit&)>;

    /// All of `parts` must outlive the runner.
    explicit TaskRunner(Parts parts);
    ~TaskRunner();

    /// Fails when it cannot be started at all: no such user, too many tasks.
    Result<TaskId> start(const Task& task, OnOutput on_output, OnEnd on_end);

    /// Kills it with everything that it has started; `on_end` is called as ever.
    void cancel(TaskId task);

    /// The keeper tells of an ended child. False: it is none of these.
    bool child_ended(pid_t pid, int status);

    /// Kills what tasks of an earlier daemon have left.
    void kill_strays();

    /// Users are looked up anew from now on.
    void forget_users() { planner_.forget_users(); }

private:
    struct Running;
    void read_output(TaskId id);
    void process_ended(TaskId id);
    void follow_spawn(TaskId id);

    Parts parts_;
    ChildPlanner planner_;
    std::map<TaskId, std::unique_ptr<Running>> running_;
    std::map<pid_t, TaskId> by_pid_;
    TaskId last_id_ = 0;
};

}  // namespace reeve::drivers
