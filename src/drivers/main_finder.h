#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "core/event.h"
#include "core/run.h"
#include "os/containment.h"
#include "spec/tracking_spec.h"

namespace reeve::drivers {

/// The run whose main process is looked for.
struct TrackedRun {
    os::RunGroup group;
    std::string mark;      // its id in hex
    std::string instance;  // `APP/SERVICE.N`, escaped
    core::ProcessId main;  // the present or former main process
    pid_t session = 0;     // that the process led which was spawned
    const spec::TrackingSpec* tracking = nullptr;
    uid_t uid = 0;                // whom the service runs as
    std::optional<pid_t> told{};  // by the service's pid command, which takes the file's place
};

/// Finds out who the main process of a run may be, and never takes a foreign process for it: one
/// that is in the run's own group is believed; one outside is the instance's own only if it was
/// there before its pid file was written, is no part of another program (a child in its parent's
/// session), belongs to the user, and to no other instance.
class MainFinder {
public:
    /// `containment` must outlive the finder.
    explicit MainFinder(const os::Containment& containment) : containment_(containment) {}

    /// Whether survivors of the service's main process may take over from it.
    static bool looks_for_heirs(const spec::TrackingSpec& tracking);

    /// Who may be the main process, now that the one before has ended.
    struct Heirs {
        std::vector<core::Heir> heirs;
        /// False: the picture may not be complete, as when a parent ends while its child forks; it
        /// is worth another look.
        bool certain = false;
    };
    Heirs heirs(const TrackedRun& run) const;

    /// Whether one empty list is proof enough: the kernel itself says that a group is empty. A walk
    /// over /proc may miss a child that is just being forked.
    bool knows_emptiness(const TrackedRun& run) const;

    /// Whether a command is to be asked for the pid (TrackedRun::told).
    static bool asks_command(const spec::TrackingSpec& tracking);

    /// The living process that the pid file or command names, if it may be the instance's own.
    std::optional<core::ProcessId> named(const TrackedRun& run) const;

    /// Whether this very process lives, and is no zombie.
    static bool is_living(const core::ProcessId& process);

    /// Whether the process has been stopped by a signal.
    static bool is_stopped(const core::ProcessId& process);

private:
    std::optional<core::ProcessId> told(const TrackedRun& run) const;
    bool is_own(const TrackedRun& run, pid_t pid, std::uint64_t start_ticks, Duration file_age,
                uid_t file_owner) const;

    const os::Containment& containment_;
};

}  // namespace reeve::drivers
