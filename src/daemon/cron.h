#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "drivers/loop.h"
#include "drivers/task_runner.h"
#include "os/lock_file.h"

namespace reeve::daemon {

class Daemon;

/// Runs the jobs of the deployed apps' cron in the minutes they are due in, by the machine's local
/// time: at most once in a minute, also when the daemon is replaced in it. What was missed while
/// the machine was down is left out.
///
/// Jobs are records `cron/ID`: schedule, overlap, maintenance and command, with tabs between.
class Cron {
public:
    /// `daemon` must outlive this.
    static Result<std::unique_ptr<Cron>> create(Daemon& daemon);

    /// The store has changed: without a job in it nobody wakes up.
    void follow_store();

private:
    explicit Cron(Daemon& daemon) : daemon_(daemon) {}
    void look();
    void run(const std::string& app, const std::string& id, const std::string& job);
    bool is_suspended(const std::string& app, const std::string& id) const;

    Daemon& daemon_;
    std::unique_ptr<drivers::Alarm> alarm_;
    std::int64_t last_minute_ = 0;
    /// The lock is that of `cron:run` too: os::UniqueFd() where the job may overlap.
    struct Running {
        drivers::TaskId task = 0;
        os::UniqueFd lock;
    };
    std::map<std::string, Running> running_;  // by app and id
};

}  // namespace reeve::daemon
