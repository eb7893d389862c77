#include "drivers/main_finder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "os/pid_file.h"
#include "os/process.h"

namespace reeve::drivers {
namespace {

/// Clocks are coarse, and a pid file may be written by a parent just before its child is seen.
constexpr Duration kAgeSlack = 2s;

std::string pid_file_of(const spec::TrackingSpec& tracking) {
    if (const auto* file = std::get_if<spec::TrackPidFile>(&tracking)) return file->path;
    if (const auto* forks = std::get_if<spec::TrackForks>(&tracking)) return forks->pid_file;
    return {};
}

bool runs_as(pid_t pid, uid_t uid) {
    struct stat info {};
    const std::string directory = "/proc/" + std::to_string(pid);
    return ::stat(directory.c_str(), &info) == 0 && info.st_uid == uid;
}

/// Whether it is on its own: a daemon has left the session of whoever started it, or has outlived
/// it. Whatever shares the session of its living parent is a part of another program.
bool stands_alone(pid_t pid) {
    const std::optional<os::ProcessStat> stat = os::read_process_stat(pid);
    if (!stat) return false;
    const std::optional<os::ProcessStat> parent = os::read_process_stat(stat->parent);
    return !parent || parent->session != stat->session;
}

std::optional<core::ProcessId> living(pid_t pid) {
    const std::optional<os::ProcessStat> stat = os::read_process_stat(pid);
    if (!stat || stat->state == 'Z' || stat->state == 'X') return std::nullopt;
    return core::ProcessId{pid, stat->start_ticks};
}

}  // namespace

bool MainFinder::looks_for_heirs(const spec::TrackingSpec& tracking) {
    return std::holds_alternative<spec::TrackForks>(tracking) ||
           std::holds_alternative<spec::TrackPidFile>(tracking);
}

MainFinder::Heirs MainFinder::heirs(const TrackedRun& run) const {
    const std::optional<core::ProcessId> in_file = named(run);
    const TimePoint now = steady_now();
    Heirs seen;
    bool others = false;
    bool one_has_ended = false;
    for (const pid_t pid : containment_.members(run.group, run.mark, run.main.pid)) {
        if (pid == run.main.pid) continue;
        const std::optional<os::ProcessStat> stat = os::read_process_stat(pid);
        if (!stat || stat->state == 'Z') {
            one_has_ended = true;
            continue;
        }
        others = true;
        // Whoever has a parent of its own in the run is no orphan: a worker, a helper.
        if (stat->parent != ::getppid()) continue;
        core::Heir heir;
        heir.process = {pid, stat->start_ticks};
        heir.in_pid_file = in_file && in_file->pid == pid;
        heir.leads_session = stat->session == pid;
        heir.left_session = stat->session != run.session;
        seen.heirs.push_back(heir);
    }
    const bool listed = std::any_of(seen.heirs.begin(), seen.heirs.end(),
                                    [](const core::Heir& heir) { return heir.in_pid_file; });
    if (in_file && !listed) seen.heirs.push_back({*in_file, true, false, false});
    if (in_file) {
        seen.certain = true;
    } else if (!seen.heirs.empty()) {
        // What ended since the list was made may have forked one that is not on it.
        seen.certain = !one_has_ended;
    } else {
        seen.certain = !others && containment_.is_empty(run.group, run.mark, run.main.pid, now);
    }
    return seen;
}

bool MainFinder::knows_emptiness(const TrackedRun& run) const {
    return !containment_.events_file(run.group).empty();
}

bool MainFinder::asks_command(const spec::TrackingSpec& tracking) {
    const auto* file = std::get_if<spec::TrackPidFile>(&tracking);
    return file != nullptr && file->pid_command;
}

/// What the command says now cannot be about an earlier process with the same number.
std::optional<core::ProcessId> MainFinder::told(const TrackedRun& run) const {
    if (!run.told) return std::nullopt;
    const std::optional<core::ProcessId> process = living(*run.told);
    if (!process || *process == run.main) return std::nullopt;
    const bool own = is_own(run, process->pid, process->start_ticks, Duration{}, run.uid);
    return own ? process : std::nullopt;
}

std::optional<core::ProcessId> MainFinder::named(const TrackedRun& run) const {
    if (asks_command(*run.tracking)) return told(run);
    const std::string path = pid_file_of(*run.tracking);
    if (path.empty()) return std::nullopt;
    const std::optional<os::PidFile> file = os::read_pid_file(path);
    if (!file) return std::nullopt;
    const std::optional<core::ProcessId> process = living(file->pid);
    if (!process || *process == run.main) return std::nullopt;
    if (!is_own(run, process->pid, process->start_ticks, file->age, file->owner)) {
        return std::nullopt;
    }
    return process;
}

bool MainFinder::is_own(const TrackedRun& run, pid_t pid, std::uint64_t start_ticks,
                        Duration file_age, uid_t file_owner) const {
    if (pid == ::getpid() || pid == ::getppid()) return false;
    if (containment_.has(run.group, run.mark, run.main.pid, pid)) return true;
    const std::string group = containment_.group_path_of(pid);
    if (!group.empty())
        return group.starts_with(containment_.base() + "/" + run.instance + os::kRunSeparator);
    // From outside: a number that was given anew belongs to a process younger than the file.
    if (os::age_of_process(start_ticks) + kAgeSlack < file_age) return false;
    if (!stands_alone(pid)) return false;
    const bool file_is_trusted = file_owner == 0 || file_owner == run.uid;
    return file_is_trusted && (run.uid == 0 || runs_as(pid, run.uid));
}

bool MainFinder::is_living(const core::ProcessId& process) {
    return living(process.pid) == process;
}

bool MainFinder::is_stopped(const core::ProcessId& process) {
    const std::optional<os::ProcessStat> stat = os::read_process_stat(process.pid);
    return stat && stat->start_ticks == process.start_ticks && stat->state == 'T';
}

}  // namespace reeve::drivers
