#include <utility>

#include "base/log.h"
#include "drivers/process_driver_run.h"
#include "os/process.h"
#include "os/users.h"

// Who the main process of a run is: pid files, successors, and processes that run already.
namespace reeve::drivers {

TrackedRun ProcessDriver::tracked(const Run& run, core::RunId id) const {
    return {run.group(parts_.containment, id),
            to_hex(id),
            run.instance,
            run.process,
            run.session,
            &run.service->tracking,
            run.owner.uid};
}

/// Written before anybody is told of the process, so that whoever hears of it finds the file.
void ProcessDriver::write_own_pid_file(const Run& run) const {
    const spec::TrackPidFile* file = run.pid_file();
    if (file == nullptr || file->writer != spec::PidFileWriter::Reeve) return;
    const Result<void> written = os::write_pid_file(file->path, run.process.pid, run.owner);
    if (!written) {
        log::warning("instance=" + run.instance + " reason=\"" + written.error().message + "\"");
    }
}

uid_t ProcessDriver::uid_of(const spec::Service& service) {
    const Result<uid_t> uid = planner_.uid_of(service);
    return uid ? *uid : ::geteuid();  // nobody says: only files of reeve's own user are trusted
}

void ProcessDriver::perform(const core::FollowProcess& action) {
    Run* run = find(action.run);
    if (run == nullptr) return;
    by_pid_.erase(action.former.pid);
    parts_.keeper.reap(action.former.pid);
    run->ended = {};
    run->process = action.process;
    mains_->forget(action.run);
    Result<os::UniqueFd> pidfd = os::open_pidfd(action.process.pid);
    const std::optional<os::ProcessStat> stat = os::read_process_stat(action.process.pid);
    const bool same = pidfd && stat && stat->start_ticks == action.process.start_ticks;
    if (!same) return report_end(action.run, *run, status::ExitUnknown{});
    run->pidfd = std::move(pidfd).value();
    const os::RunGroup group = run->group(parts_.containment, action.run);
    const std::string mark = to_hex(action.run);
    if (!parts_.containment.has(group, mark, action.process.pid, action.process.pid)) {
        parts_.containment.take_in(group, action.process.pid);
    }
    note_process(action.run, *run);
    watch_process(action.run, *run);
}

void ProcessDriver::perform(const core::AwaitMain& action) {
    const Run* run = find(action.run);
    if (run != nullptr) mains_->await(action.run, tracked(*run, action.run));
}

void ProcessDriver::perform(const core::LookForRunning& action) {
    auto run = std::make_unique<Run>();
    run->instance = escaped_name(action.instance);
    run->app = action.app;
    run->service = action.service;
    run->owner.uid = uid_of(*action.service);
    if (!MainFinder::asks_command(action.service->tracking)) {
        return look_for_running(action.run, std::move(run), std::nullopt);
    }
    // Shared, since a function that is kept must be copyable; only its last call moves it on.
    const auto asking = std::make_shared<std::unique_ptr<Run>>(std::move(run));
    parts_.pid_commands.ask(*action.app, *action.service,
                            [this, id = action.run, asking](std::optional<pid_t> pid) {
                                look_for_running(id, std::move(*asking), pid);
                            });
}

void ProcessDriver::look_for_running(core::RunId id, std::unique_ptr<Run> run,
                                     std::optional<pid_t> told) {
    TrackedRun looked_for = tracked(*run, id);
    looked_for.told = told;
    const std::optional<core::ProcessId> process = finder_.named(looked_for);
    if (!process || by_pid_.contains(process->pid)) return parts_.sink(core::NothingRuns{id});
    Result<os::UniqueFd> pidfd = os::open_pidfd(process->pid);
    if (!pidfd || !MainFinder::is_living(*process)) return parts_.sink(core::NothingRuns{id});
    run->pidfd = std::move(pidfd).value();
    run->process = *process;
    const Result<os::RunGroup> group = parts_.containment.create(run->instance, to_hex(id));
    if (group) parts_.containment.take_in(*group, process->pid);
    Run& placed = *(runs_[id] = std::move(run));
    parts_.sink(core::FoundRunning{id, placed.process});
    note_process(id, placed);
    watch_process(id, placed);
}

}  // namespace reeve::drivers
