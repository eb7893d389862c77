#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string_view>

#include "drivers/task_runner.h"
#include "spec/app.h"

namespace reeve::drivers {

/// Longest patience with a command that is asked for a pid.
inline constexpr Duration kPidCommandPatience = 5s;

/// The one number that a command has printed; nullopt: it printed something else.
/// Source: bluepill lib/bluepill/process.rb, actual_pid.
std::optional<pid_t> pid_in(std::string_view output);

/// Asks the commands that know the pid of a main process (TrackPidFile::pid_command), as the
/// service's user and with its environment.
class PidCommands {
public:
    using Answer = std::function<void(std::optional<pid_t> pid)>;

    /// `tasks` must outlive what is asked here.
    explicit PidCommands(TaskRunner& tasks) : tasks_(tasks) {}

    /// nullopt where it has no answer in time, or cannot be started: then at once.
    void ask(const spec::App& app, const spec::Service& service, Answer answer);

private:
    TaskRunner& tasks_;
};

}  // namespace reeve::drivers
