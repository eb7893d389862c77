#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "drivers/process_driver_run.h"
#include "os/process.h"

// What a reeved finds that another one has started.
namespace reeve::drivers {
namespace {

/// How often an adopted child is looked at that had not executed its program yet.
constexpr Duration kExecLookPause = 10ms;
/// For how long one is waited for that has not even taken its name.
constexpr auto kNamingPause = 1ms;
constexpr auto kNamingPatience = 1000ms;

/// Of a process before its exec; what follows is the run's id, with base 36 so that it has room.
constexpr std::string_view kNamePrefix = "r-";

std::string executable_of(pid_t pid) {
    char path[PATH_MAX];
    const std::string link = "/proc/" + std::to_string(pid) + "/exe";
    const ssize_t size = ::readlink(link.c_str(), path, sizeof path);
    return size > 0 ? std::string(path, static_cast<std::size_t>(size)) : std::string();
}

/// What it has forked off came later; what began before `since_ticks` is of another run. 0 if there
/// is none.
pid_t oldest(const std::vector<pid_t>& pids, std::uint64_t since_ticks = 0) {
    pid_t found = 0;
    std::uint64_t begun = 0;
    for (const pid_t pid : pids) {
        const std::optional<os::ProcessStat> stat = os::read_process_stat(pid);
        if (!stat || stat->start_ticks < since_ticks) continue;
        if (found != 0 && stat->start_ticks >= begun) continue;
        found = pid;
        begun = stat->start_ticks;
    }
    return found;
}

/// The main process of a run that was not spawned by this very reeved executes still reeved's own
/// program if it has not come to its exec.
bool has_executed(pid_t pid) {
    return executable_of(pid) != executable_of(::getpid());
}

}  // namespace

std::string name_before_exec(core::RunId id) {
    char digits[16];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), id, 36).ptr;
    return std::string(kNamePrefix) + std::string(digits, end);
}

std::unique_ptr<ProcessDriver::Run> ProcessDriver::adopted_run(const core::AdoptRun& action) {
    auto run = std::make_unique<Run>();
    run->instance = escaped_name(action.instance);
    run->role = action.role;
    run->app = action.app;
    run->service = action.service;
    run->owner.uid = uid_of(*action.service);
    return run;
}

void ProcessDriver::perform(const core::AdoptRun& action) {
    if (find(action.run) != nullptr) return;
    if (action.role == core::RunRole::Main && uses_notify_socket(*action.service)) {
        parts_.notify.attach(escaped_name(action.instance), action.port_slot, action.run);
    }
    if (action.role == core::RunRole::Main && notification_fd(*action.service) >= 0) {
        parts_.ready.attach(escaped_name(action.instance), action.port_slot, action.run);
    }
    if (action.process.pid == 0) return adopt_unknown(action);
    std::unique_ptr<Run> run = adopted_run(action);
    run->process = action.process;
    run->session = action.session;
    Run& placed = *(runs_[action.run] = std::move(run));
    const bool is_own = is_its_own(action.run, placed);
    (void)limit(action.run, placed);  // it has joined its groups already
    if (!is_own) return report_end(action.run, placed, status::ExitUnknown{});
    adopt(action.run, placed, action.executed);
    // Made anew where the keeper's copy was lost; without it the next run has a pipe of its own.
    if (writes_to_log(action.service->stdio, action.role)) {
        (void)parts_.logs.keep(action.instance, action.service->log, action.process.pid);
    }
}

/// Whether the process that has the number now is the one that the journal knows, and not a later
/// one; opens its pidfd. Finds the run's group in any case.
bool ProcessDriver::is_its_own(core::RunId id, Run& run) {
    list_found_groups();
    Result<os::UniqueFd> pidfd = os::open_pidfd(run.process.pid);
    std::optional<ProcessIdentities::Adopted> noted;
    if (pidfd) noted = parts_.identities.adopt(id, run.process.pid, pidfd->get());
    if (noted && noted->is_same) {
        run.group_named = noted->group;
        run.pidfd = std::move(pidfd).value();
        return true;
    }
    find_group(id, run);
    if (noted || !pidfd) return false;
    const std::optional<os::ProcessStat> stat = os::read_process_stat(run.process.pid);
    const std::uint64_t ticks = run.process.start_ticks;
    if (!stat || (ticks != 0 && stat->start_ticks != ticks)) return false;
    run.pidfd = std::move(pidfd).value();
    note_process(id, run);
    return true;
}

/// The journal has the run, but not its process: reeved ended around the clone.
void ProcessDriver::adopt_unknown(const core::AdoptRun& action) {
    exec_alarm_->set(steady_now());  // forgets what was spawned by others
    std::unique_ptr<Run> run = adopted_run(action);
    list_found_groups();
    find_group(action.run, *run);
    run->process.pid = find_spawned(*run, action.run);
    run->session = run->process.pid;
    Run& placed = *(runs_[action.run] = std::move(run));
    if (placed.process.pid == 0) return parts_.sink(core::RunLost{action.run});
    Result<os::UniqueFd> pidfd = os::open_pidfd(placed.process.pid);
    if (!pidfd) return parts_.sink(core::RunLost{action.run});
    placed.pidfd = std::move(pidfd).value();
    const std::optional<os::ProcessStat> stat = os::read_process_stat(placed.process.pid);
    if (stat) placed.process.start_ticks = stat->start_ticks;
    (void)limit(action.run, placed);  // it joins its groups by itself
    write_own_pid_file(placed);
    parts_.sink(core::Spawned{action.run, placed.process});
    note_process(action.run, placed);
    adopt(action.run, placed, action.executed);
}

void ProcessDriver::adopt(core::RunId id, Run& run, bool executed) {
    watch_process(id, run);
    // Told at once: while nobody looked its patience may have run out.
    if (executed || is_exec_settled(id)) return;
    awaiting_exec_.push_back(id);
    exec_alarm_->set(steady_now());
}

/// Whether nobody need look any more for the exec of an adopted run; tells of one.
bool ProcessDriver::is_exec_settled(core::RunId id) {
    const Run* run = find(id);
    if (run == nullptr || !run->ended.active()) return true;
    const std::optional<os::ProcessStat> stat = os::read_process_stat(run->process.pid);
    if (stat && stat->state != 'Z' && !has_executed(run->process.pid)) return false;
    parts_.sink(core::Executed{id});
    return true;
}

void ProcessDriver::look_for_execs() {
    std::erase_if(awaiting_exec_, [this](core::RunId id) { return is_exec_settled(id); });
    if (awaiting_exec_.empty()) {
        spawned_.reset();
        if (found_groups_) remove_left_groups();
        return exec_alarm_->set(std::nullopt);
    }
    exec_alarm_->set(steady_now() + kExecLookPause);
}

/// The keeper's children in their cgroups (also as zombies), and all that were not executed yet.
/// One that was cloned this very moment is given the time to take its name.
ProcessDriver::Spawned ProcessDriver::look_for_spawned() const {
    Spawned spawned;
    for (auto waited = 0ms; waited < kNamingPatience; waited += kNamingPause) {
        spawned = look_once_for_spawned();
        if (!spawned.is_one_nameless) break;
        ::poll(nullptr, 0, static_cast<int>(kNamingPause.count()));
    }
    return spawned;
}

ProcessDriver::Spawned ProcessDriver::look_once_for_spawned() const {
    Spawned spawned;
    const std::optional<os::ProcessStat> own = os::read_process_stat(::getpid());
    os::for_each_process([&](pid_t pid) {
        const std::optional<os::ProcessStat> stat = os::read_process_stat(pid);
        if (!stat || pid == ::getpid()) return;
        const bool is_keepers = stat->parent == ::getppid();
        const std::string group = is_keepers ? parts_.containment.group_path_of(pid) : "";
        if (!group.empty()) spawned.by_group[group].push_back(pid);
        if (stat->name.starts_with(kNamePrefix)) {
            const bool is_zombie = is_keepers && stat->state == 'Z';
            if (is_zombie || !has_executed(pid)) spawned.by_name[stat->name] = pid;
        } else if (own && stat->name == own->name && group.empty()) {
            // Its parent tells it from the reeved of another keeper.
            const bool may_be_ours = is_keepers || stat->parent == 1;
            spawned.is_one_nameless |= may_be_ours && stat->state != 'Z' && !has_executed(pid);
        }
    });
    return spawned;
}

/// The process that was cloned for a run: the keeper's child in the run's cgroup; one that was not
/// executed yet, by its name; or the oldest of the cgroup, if it went to init with the death of a
/// keeper; without cgroups, the one that carries the run's mark.
pid_t ProcessDriver::find_spawned(const Run& run, core::RunId id) {
    if (!spawned_) spawned_ = look_for_spawned();
    const os::RunGroup group = run.group(parts_.containment, id);
    const auto child = spawned_->by_group.find(group.path);
    const auto own = handed_on().by_run.find(id);
    const std::uint64_t since = own == handed_on().by_run.end() ? 0 : own->second.begun_ticks;
    const pid_t found = child == spawned_->by_group.end() ? 0 : oldest(child->second, since);
    if (found != 0) return found;
    const auto unexecuted = spawned_->by_name.find(name_before_exec(id));
    if (unexecuted != spawned_->by_name.end()) return unexecuted->second;
    return oldest(parts_.containment.members(group, to_hex(id), 0));
}

}  // namespace reeve::drivers
