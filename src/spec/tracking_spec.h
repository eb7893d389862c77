#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/rare.h"
#include "base/time.h"
#include "spec/command.h"

namespace reeve::spec {

/// The process that the command becomes is the main process.
struct TrackForeground {
    friend bool operator==(const TrackForeground&, const TrackForeground&) = default;
};

/// The command forks away, any number of times, and ends when the daemon is ready: what it leaves
/// behind is the main process.
/// Source: upstart `expect fork` and `expect daemon`, which need no difference here.
struct TrackForks {
    /// It neither ended nor failed for so long: it counts as a foreground program, and the reason
    /// says so. Should it fork away later, what it leaves behind is followed then.
    Duration foreground_after = 3s;
    /// Which of several survivors is meant: the one that this file names. Empty: no such file.
    std::string pid_file;
    friend bool operator==(const TrackForks&, const TrackForks&) = default;
};

/// The main process is the command's own, and ready when it stops itself with SIGSTOP; it is
/// continued then.
/// Source: upstart `expect stop`.
struct TrackStops {
    friend bool operator==(const TrackStops&, const TrackStops&) = default;
};

/// Who writes a pid file.
enum class PidFileWriter {
    Program,  // the command turns itself into a daemon and writes the file: its end is the start
    Reeve     // the command stays; reeve writes its pid, without a newline, and removes it
};

/// A pid file names the main process: also one that runs already when a start is asked for (it is
/// adopted), and one that took over from the main process that ended (USR2-style hand-over).
/// Source: bluepill `pid_file`, `daemonize`, `pid_command`, `cache_actual_pid`.
struct TrackPidFile {
    std::string path;  // absolute
    PidFileWriter writer = PidFileWriter::Program;
    /// Prints the pid, exactly one number; asked instead of the file.
    Rare<Command> pid_command;
    /// The pid is looked up anew while the process lives, and not only when it has ended.
    bool look_again = false;
    /// Writer Program: how long the command may take to end with a living process in the file.
    Duration start_grace = 3s;
    friend bool operator==(const TrackPidFile&, const TrackPidFile&) = default;
};

/// How the main process of an instance is found.
using TrackingSpec = std::variant<TrackForeground, TrackForks, TrackStops, TrackPidFile>;

}  // namespace reeve::spec
