#include <signal.h>

#include "drivers/process_driver_run.h"
#include "os/process.h"

// Signals to the processes of a run. Each is sent through a pidfd, after it was seen again that the
// process belongs to the run: a number that was given anew is never hit.
namespace reeve::drivers {

void ProcessDriver::perform(const core::SignalRun& action) {
    Run* run = find(action.run);
    if (run == nullptr || run->process.pid <= 1) return;
    const pid_t main_pid = run->process.pid;
    const bool to_main = run->pidfd && run->ended.active();
    switch (action.scope) {
        case spec::SignalScope::Main:
            if (to_main) (void)os::send_signal(run->pidfd.get(), action.signal);  // may have ended
            return;
        case spec::SignalScope::Group:
            return signal_group(*run, action.run, action.signal);
        case spec::SignalScope::All:
            break;
    }
    if (to_main) (void)os::send_signal(run->pidfd.get(), action.signal);  // likewise
    if (run->has_no_group) return;
    const os::RunGroup group = run->group(parts_.containment, action.run);
    const std::string mark = to_hex(action.run);
    for (const pid_t pid : parts_.containment.members(group, mark, main_pid)) {
        if (pid == main_pid) continue;
        const Result<os::UniqueFd> pidfd = os::open_pidfd(pid);
        if (!pidfd || !parts_.containment.has(group, mark, main_pid, pid)) continue;
        (void)os::send_signal(pidfd->get(), action.signal);  // likewise
    }
}

/// The main process's group: of a daemon that has forked away it is another one than its number.
void ProcessDriver::signal_group(const Run& run, core::RunId id, int signal) const {
    const pid_t main_pid = run.process.pid;
    const std::optional<os::ProcessStat> main = os::read_process_stat(main_pid);
    if (run.pidfd && run.ended.active()) {
        (void)os::send_signal(run.pidfd.get(), signal);  // may have ended
    }
    if (!main || main->start_ticks != run.process.start_ticks || run.has_no_group) return;
    const os::RunGroup group = run.group(parts_.containment, id);
    for (const pid_t pid : parts_.containment.members(group, to_hex(id), main_pid)) {
        if (pid == main_pid) continue;
        const Result<os::UniqueFd> pidfd = os::open_pidfd(pid);
        const std::optional<os::ProcessStat> stat = os::read_process_stat(pid);
        if (!pidfd || !stat || stat->group != main->group) continue;
        if (!parts_.containment.has(group, to_hex(id), main_pid, pid)) continue;
        (void)os::send_signal(pidfd->get(), signal);  // likewise
    }
}

void ProcessDriver::perform(const core::KillRun& action) {
    Run* run = find(action.run);
    if (run == nullptr) return;
    if (run->pidfd) (void)os::send_signal(run->pidfd.get(), SIGKILL);  // may have ended
    if (run->has_no_group) return;
    const os::RunGroup group = run->group(parts_.containment, action.run);
    parts_.containment.kill(group, to_hex(action.run), run->process.pid);
}

}  // namespace reeve::drivers
