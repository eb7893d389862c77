#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "os/fd.h"
#include "os/marked_processes.h"
#include "os/paths.h"

namespace reeve::os {

/// How the processes of a run are kept together (technology.md, §1.3).
enum class ContainmentMode {
    V2,      // A: a cgroup v2 tree of our own
    Hybrid,  // B: cgroup v2 for tracking, v1 for limits
    V1,      // C: a v1 hierarchy, tracked by its list of processes
    None     // D: no cgroup: sessions, parents and a mark in the environment
};

/// `cgroup v2`, `cgroup v2 beside v1 (hybrid)`, `cgroup v1`, `no cgroup`.
std::string to_text(ContainmentMode mode);

/// Where a run's processes are kept together. Empty path: not in a cgroup (mode None).
struct RunGroup {
    std::string path;
};

/// Stands in a run's directory between the name of the instance and the id of the run; in no id.
inline constexpr char kRunSeparator = ':';

/// The directory of a run below the one of this reeve, in every hierarchy: `APP/SERVICE.N:RUN`.
/// One level for each app only: making and removing them is a good part of a start and a stop.
std::string run_directory(const std::string& instance, const std::string& run);

/// Keeps the processes of each run together, so that none escapes a stop: one cgroup for each run,
/// below one for each app, below one for this reeve. Chosen once, at the start.
///
/// In mode None a run's processes are found by the mark `REEVE_RUN=ID` in their environment, by
/// the session of the main process and by their parents: what clears its environment and leaves the
/// session and the parent is lost, and `doctor` says so.
class Containment {
public:
    /// Takes the best mode that works here and makes reeve's own directory.
    static Containment choose(const Paths& paths);

    ContainmentMode mode() const { return mode_; }
    /// What is used and why nothing better, for `doctor`: one line.
    const std::string& explanation() const { return explanation_; }
    /// The directory of this reeve's cgroups; empty in mode None.
    const std::string& base() const { return base_; }

    /// Makes the cgroup of a run. `instance` is `APP/SERVICE.N`, escaped; `run` its id in hex.
    Result<RunGroup> create(const std::string& instance, const std::string& run);

    /// The group of a run that was made earlier.
    RunGroup group_of(const std::string& instance, const std::string& run) const;

    /// The directory for CLONE_INTO_CGROUP; no descriptor where the child has to join by itself.
    UniqueFd open_for_clone(const RunGroup& group) const;

    /// The files a child must write 0 to, to join by itself (no CLONE_INTO_CGROUP).
    std::vector<std::string> files_to_join(const RunGroup& group) const;

    /// The file whose changes tell that a group became empty; empty: there is none, look again.
    std::string events_file(const RunGroup& group) const;

    /// The live processes of a run, whose main process is or was `main_pid` and whose id is `run`.
    std::vector<pid_t> members(const RunGroup& group, const std::string& run, pid_t main_pid) const;

    /// Whether a process belongs to the run right now; checked again right before each signal.
    bool has(const RunGroup& group, const std::string& run, pid_t main_pid, pid_t pid) const;

    /// Whether no live process but a zombie is left of a run that had begun at `begun`.
    bool is_empty(const RunGroup& group, const std::string& run, pid_t main_pid,
                  TimePoint begun) const {
        return look_at(group, run, main_pid, begun).is_empty;
    }

    struct Look {
        bool is_empty = false;
        bool is_frozen = false;  // whoever is put into the group stands still
    };
    /// The same, and what else the kernel says of the group with it.
    Look look_at(const RunGroup& group, const std::string& run, pid_t main_pid,
                 TimePoint begun) const;

    /// Moves a process that was not started here into the group, with its descendants: it belongs
    /// to the run from now on. Without cgroups nothing can be done.
    void take_in(const RunGroup& group, pid_t pid) const;

    /// The group that a process is in, as a path in the file system; a zombie's too. Empty: none.
    std::string group_path_of(pid_t pid) const;

    /// SIGKILL to all, at once where the kernel can.
    void kill(const RunGroup& group, const std::string& run, pid_t main_pid) const;

    /// Hands the empty group of an ended run on to the next run of the instance, `run`, no process
    /// of which has begun before `ticks` (ProcessStat::start_ticks): no other group has to be made,
    /// and none removed. It keeps its name, and says itself whose it is now. False: it is not to be
    /// had.
    bool hand_on(const RunGroup& group, const std::string& run, std::uint64_t ticks) const;

    /// A run's group as it was found.
    struct FoundGroup {
        std::string instance;  // `APP/SERVICE.N`, escaped
        std::string named;     // the run that it was made for, in hex
    };
    std::vector<FoundGroup> groups() const;

    /// Whose a group is since it was handed on.
    struct GroupOwner {
        std::string run;  // in hex
        std::uint64_t begun_ticks = 0;
    };
    /// As the group itself says; nullopt: it was never handed on.
    std::optional<GroupOwner> owner_of(const FoundGroup& group) const;

    /// Removes the cgroup of an ended run.
    void remove(const RunGroup& group) const;

    /// Removes the directory of the instance's app, if no group is left in it.
    void remove_app(const std::string& instance) const;

    /// Removes reeve's own directory, if nothing is left in it.
    void remove_base() const;

    /// The processes of an unknown past in this reeve's cgroups. For adoption when the journal was
    /// lost.
    struct Stray {
        std::string instance;  // `APP/SERVICE.N`, escaped
        std::string run;       // that its group was made for
        pid_t pid = 0;
    };
    /// Only of instances whose service begins with `service`, which is escaped.
    std::vector<Stray> strays(const std::string& service = "") const;

private:
    static Containment choose_mode(const Paths& paths);
    void visit_groups(
        const std::function<void(const std::string& app, std::string_view name)>& visit) const;
    void open_base();
    bool try_v2(const std::string& mount, const std::string& name);
    bool try_v1(const std::string& name);

    ContainmentMode mode_ = ContainmentMode::None;
    // The part of a group's path below `base_`.
    std::string below_base(const RunGroup& group) const;

    std::string base_;         // in the file system
    UniqueFd base_directory_;  // calls for one run look up what is below it only
    std::string hierarchy_;    // the base as /proc/PID/cgroup shows it
    std::string controllers_;  // the hierarchy's column in /proc/PID/cgroup
    std::string explanation_;
    std::unique_ptr<MarkedProcesses> marked_ = std::make_unique<MarkedProcesses>();  // mode None
    bool clone_into_ = false;
    bool kill_file_ = false;
};

}  // namespace reeve::os
