#include "drivers/process_driver.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "drivers/limit_plan.h"
#include "drivers/process_driver_run.h"
#include "os/cgroup.h"
#include "os/pid_file.h"
#include "os/process.h"

namespace reeve::drivers {
namespace {

/// What a command may write whose output is told, and how much of its end is.
constexpr std::size_t kCommandOutputBytesMax = 1024 * 1024;
constexpr std::size_t kCommandOutputTold = 512;

/// On one line.
std::string last_lines(const std::string& output) {
    std::string text;
    for (const std::string_view line : split(output, '\n')) {
        if (trim(line).empty()) continue;
        if (!text.empty()) text += " | ";
        text += trim(line);
    }
    return text;
}

}  // namespace

status::Exit to_exit(int wait_status) {
    if (WIFEXITED(wait_status)) return status::ExitCode{WEXITSTATUS(wait_status)};
    return status::ExitSignal{WTERMSIG(wait_status), WCOREDUMP(wait_status) != 0};
}

ProcessDriver::ProcessDriver(ProcessDriverParts parts)
    : parts_(std::move(parts)),
      limiter_(parts_.containment),
      reads_statuses_(os::may_read_exit_statuses()),
      finder_(parts_.containment) {}

ProcessDriver::~ProcessDriver() = default;

Result<std::unique_ptr<ProcessDriver>> ProcessDriver::create(ProcessDriverParts parts) {
    std::unique_ptr<ProcessDriver> driver(new ProcessDriver(std::move(parts)));
    ProcessDriver* raw = driver.get();
    driver->ends_ = std::make_unique<ProcessEnds>(TRY(ProcessEnds::create(
        raw->parts_.loop, [raw](core::RunId run) { raw->process_ended(run); })));
    driver->emptiness_ = std::make_unique<EmptinessWatch>(TRY(EmptinessWatch::create(
        raw->parts_.loop, raw->parts_.containment,
        [raw](std::uint64_t run) { raw->parts_.sink(core::RunEmptied{run}); })));
    driver->readiness_ = std::make_unique<
        ReadinessProbe>(TRY(ReadinessProbe::create(raw->parts_.loop, [raw](std::uint64_t run,
                                                                           int port) {
        raw->parts_.sink(core::Ready{run, "accepts connections on port " + std::to_string(port)});
    })));
    driver->mains_ = std::make_unique<MainWatch>(TRY(MainWatch::create(
        raw->parts_.loop, raw->finder_,
        {[raw](std::uint64_t run, std::vector<core::Heir> heirs) {
             raw->tell_end(run, std::move(heirs));
         },
         [raw](std::uint64_t run, const core::ProcessId& process) {
             raw->parts_.sink(core::MainFound{run, process});
         },
         [raw](std::uint64_t id, PidCommands::Answer answer) {
             const Run* run = raw->find(id);
             if (run == nullptr) return;
             raw->parts_.pid_commands.ask(*run->app, *run->service, std::move(answer));
         }})));
    driver->exec_alarm_ = std::make_unique<Alarm>(
        TRY(Alarm::create(raw->parts_.loop, [raw] { raw->look_for_execs(); })));
    driver->vacancy_alarm_ = std::make_unique<Alarm>(
        TRY(Alarm::create(raw->parts_.loop, [raw] { raw->remove_vacant_groups(); })));
    return driver;
}

ProcessDriver::Run* ProcessDriver::find(core::RunId run) {
    const auto found = runs_.find(run);
    return found == runs_.end() ? nullptr : found->second.get();
}

void ProcessDriver::tell_failure(core::RunId id, const std::string& stage, int error) {
    parts_.sink(core::SpawnFailed{id, stage, error == 0 ? EINVAL : error});
}

void ProcessDriver::perform(const core::SpawnRun& action) {
    auto run = std::make_unique<Run>();
    run->instance = escaped_name(action.instance);
    run->role = action.role;
    run->app = action.app;
    run->service = action.service;
    const std::uint64_t before = start_clock_.now();
    Result<std::unique_ptr<os::PendingSpawn>> started = spawn(action, *run);
    if (!started) {
        // The message of a failed step before the clone is `what: why`; the core adds the why.
        const std::string& message = started.error().message;
        tell_failure(action.run, message.substr(0, message.rfind(": ")), started.error().code);
        runs_[action.run] = std::move(run);
        return;
    }
    run->spawn = std::move(started).value();
    run->pidfd = run->spawn->take_pidfd();
    run->process.pid = run->spawn->pid();
    run->begun = steady_now();
    run->session = run->process.pid;
    run->process.start_ticks = start_clock_.start_of(run->process.pid, before);
    Run& placed = *(runs_[action.run] = std::move(run));
    write_own_pid_file(placed);
    parts_.sink(core::Spawned{action.run, placed.process});
    placed.spawn_news = Watch(parts_.loop, placed.spawn->status_fd(), Watch::For::Reading,
                              [this, id = action.run] { read_spawn_news(id); });
    note_process(action.run, placed);
    watch_process(action.run, placed);
}

Result<std::unique_ptr<os::PendingSpawn>> ProcessDriver::spawn(const core::SpawnRun& action,
                                                               Run& run) {
    ChildContext context;
    if (action.service->wants_port) {
        context.port = TRY(parts_.ports.port_for_start(action.instance, action.port_slot));
    }
    if (parts_.containment.mode() == os::ContainmentMode::None)
        context.run_mark = to_hex(action.run);
    if (action.role == core::RunRole::Main && uses_notify_socket(*action.service)) {
        const uid_t uid = TRY(planner_.uid_of(*action.service));
        context.notify_socket =
            TRY(parts_.notify.open(run.instance, action.port_slot, uid, action.run));
    }
    if (action.role == core::RunRole::Main && parts_.passed_fds)
        context.passed_fds = parts_.passed_fds(*action.service);
    if (action.role == core::RunRole::Main && notification_fd(*action.service) >= 0) {
        const uid_t uid = TRY(planner_.uid_of(*action.service));
        context.ready_pipe =
            TRY(parts_.ready.open(run.instance, action.port_slot, uid, action.run));
    }
    std::unique_ptr<os::ChildSetup> setup = TRY(planner_.plan(action, context));
    if (setup->identity) run.owner = {setup->identity->uid, setup->identity->gid};
    const spec::TrackPidFile* file = run.pid_file();
    if (file != nullptr && file->writer == spec::PidFileWriter::Reeve) {
        TRY(os::prepare_pid_file(file->path, run.owner));
    }
    const os::UniqueFd output = TRY(output_of(action, run));
    const os::RunGroup group = TRY(group_for(action.run, run));
    const os::UniqueFd directory = parts_.containment.open_for_clone(group);
    setup->name = name_before_exec(action.run);
    setup->cgroup_files = parts_.containment.files_to_join(group);
    for (std::string& to_join : limit(action.run, run))
        setup->cgroup_files.push_back(std::move(to_join));
    return parts_.spawner.start(std::move(setup), output.get(), directory.get());
}

/// Applies the limits of a main process's group; the files that it has to join.
std::vector<std::string> ProcessDriver::limit(core::RunId id, Run& run) {
    if (run.role != core::RunRole::Main || run.service->group_limits.is_empty()) return {};
    os::LimitedGroup limited = limiter_.apply(run.instance, run.group_name(id),
                                              drivers::limits_of(run.service->group_limits));
    run.limits = std::move(limited.outcomes);
    return std::move(limited.files_to_join);
}

/// A limited group counts what its runs have used.
bool ProcessDriver::is_as_new(core::RunId id, const Run& run) const {
    if (run.service->group_limits.is_empty()) return true;
    return limiter_.are_as_new(run.instance, run.group_name(id),
                               drivers::limits_of(run.service->group_limits));
}

std::vector<std::string> ProcessDriver::limits_of(core::RunId id) const {
    const auto found = runs_.find(id);
    if (found == runs_.end()) return {};
    std::vector<std::string> texts = found->second->limits;
    for (const spec::ResourceLimit& limit : found->second->service->limits)
        texts.push_back(to_text(limit));  // without it the start would have failed
    return texts;
}

/// What a check's, stop or restart command says is told where it fails; everything else writes into
/// the instance's log.
Result<os::UniqueFd> ProcessDriver::output_of(const core::SpawnRun& action, Run& run) {
    const bool told = action.role == core::RunRole::Check ||
                      action.role == core::RunRole::StopCommand ||
                      action.role == core::RunRole::RestartCommand;
    if (!told) {
        // Without one, the child's other files take its place.
        if (!writes_to_log(action.service->stdio, action.role)) return os::UniqueFd();
        return parts_.logs.open_for_child(action.instance, action.service->log);
    }
    run.output = TRY(os::make_bounded_memory_file("command", kCommandOutputBytesMax));
    return os::duplicate(run.output.get());
}

/// For a reeved after this one.
void ProcessDriver::note_process(core::RunId id, const Run& run) {
    parts_.identities.note(id, run.process.pid, run.pidfd.get(), run.group_named);
}

void ProcessDriver::watch_process(core::RunId id, Run& run) {
    by_pid_[run.process.pid] = id;
    run.ended = ends_->watch(id, run.pidfd.get());
}

void ProcessDriver::read_spawn_news(core::RunId id) {
    Run* run = find(id);
    if (run == nullptr || !run->spawn) return;
    switch (run->spawn->progress()) {
        case os::PendingSpawn::Progress::OnItsWay:
            return;
        case os::PendingSpawn::Progress::Executed:
            finish_spawn(id, *run);
            return;
        case os::PendingSpawn::Progress::Failed:
            // Told when the child's end shows on its pidfd, so that it can be reaped.
            run->spawn_news = Watch();
            return;
    }
}

void ProcessDriver::finish_spawn(core::RunId id, Run& run) {
    run.spawn_news = Watch();
    parts_.spawner.finish(std::move(run.spawn));
    parts_.sink(core::Executed{id});
}

void ProcessDriver::process_ended(core::RunId id) {
    Run* run = find(id);
    if (run == nullptr) return;
    run->ended = {};
    if (run->spawn) {
        os::PendingSpawn::Progress progress = run->spawn->progress();
        if (progress == os::PendingSpawn::Progress::OnItsWay) progress = run->spawn->progress();
        run->spawn_news = Watch();
        const std::string stage = run->spawn->stage_text();
        const int error = run->spawn->error();
        parts_.spawner.finish(std::move(run->spawn));
        if (error != 0) return tell_failure(id, stage, error);
        if (progress == os::PendingSpawn::Progress::Executed) parts_.sink(core::Executed{id});
    }
    const std::optional<os::ProcessStat> stat = os::read_process_stat(run->process.pid);
    const bool still_there =
        stat && (run->process.start_ticks == 0 || stat->start_ticks == run->process.start_ticks);
    if (still_there && reads_statuses_) return report_end(id, *run, to_exit(stat->exit_status));
    if (still_there && stat->parent == ::getppid())
        return parts_.keeper.ask_ended(run->process.pid);
    const std::optional<int> status = os::exit_status_after_reaping(run->pidfd.get());
    report_end(id, *run, status ? to_exit(*status) : status::Exit(status::ExitUnknown{}));
}

void ProcessDriver::report_end(core::RunId id, Run& run, status::Exit exit) {
    readiness_->forget(id);
    auto* signal = std::get_if<status::ExitSignal>(&exit);
    if (signal != nullptr && signal->signal == SIGKILL && !run.limits.empty()) {
        signal->out_of_memory = limiter_.has_killed(run.instance, run.group_name(id));
    }
    run.exit = exit;
    const bool tracks =
        run.role == core::RunRole::Main && MainFinder::looks_for_heirs(run.service->tracking);
    if (!tracks) return tell_end(id, {});
    // An adopted program that has forked away meanwhile was executed before.
    if (std::erase(awaiting_exec_, id) > 0) parts_.sink(core::Executed{id});
    mains_->look_for_heirs(id, tracked(run, id));
}

void ProcessDriver::tell_end(core::RunId id, std::vector<core::Heir> heirs) {
    Run* run = find(id);
    if (run == nullptr) return;
    const os::RunGroup group = run->group(parts_.containment, id);
    const os::Containment::Look seen =
        parts_.containment.look_at(group, to_hex(id), run->process.pid, run->begun);
    if (seen.is_empty && !seen.is_frozen && heirs.empty()) vacate(id, *run);
    const std::string output =
        run->output ? os::tail_of(run->output.get(), kCommandOutputTold) : std::string();
    parts_.sink(core::Exited{id, run->exit, !seen.is_empty, std::move(heirs), last_lines(output)});
}

void ProcessDriver::child_ended(pid_t pid, int status) {
    const auto known = by_pid_.find(pid);
    if (known == by_pid_.end()) return parts_.keeper.reap(pid);  // an orphan of some run
    Run* run = find(known->second);
    // A run whose end shows on its pidfd is told of there.
    if (run == nullptr || run->ended.active() || run->spawn) return;
    if (!reads_statuses_) report_end(known->second, *run, to_exit(status));
}

void ProcessDriver::perform(const core::InspectSpawn& action) {
    const Run* run = find(action.run);
    if (run == nullptr) return;
    parts_.sink(core::SpawnOverdue{action.run, run->spawn ? run->spawn->stage_text() : "exec"});
}

void ProcessDriver::perform(const core::ProbeReadiness& action) {
    if (std::holds_alternative<spec::ReadyOnNotify>(action.how)) {
        return parts_.notify.watch_ready(action.run);
    }
    if (std::holds_alternative<spec::ReadyOnFd>(action.how)) {
        return parts_.ready.watch_ready(action.run);
    }
    const int port = parts_.ports.port_of(action.instance, action.port_slot);
    if (port != 0) readiness_->watch(action.run, port);
}

void ProcessDriver::perform(const core::WatchEmpty& action) {
    const Run* run = find(action.run);
    if (run == nullptr || run->has_no_group) return parts_.sink(core::RunEmptied{action.run});
    emptiness_->watch(action.run, run->group(parts_.containment, action.run), run->process.pid);
}

void ProcessDriver::perform(const core::ReapRun& action) {
    const auto found = runs_.find(action.run);
    if (found == runs_.end()) return;
    Run& run = *found->second;
    emptiness_->forget(action.run);
    readiness_->forget(action.run);
    mains_->forget(action.run);
    const spec::TrackPidFile* file = run.pid_file();
    if (file != nullptr) os::remove_pid_file(file->path, run.process.pid);
    parts_.notify.forget_run(action.run);
    parts_.ready.forget_run(action.run);
    if (run.spawn) parts_.spawner.finish(std::move(run.spawn));
    if (run.process.pid > 0) {
        parts_.keeper.reap(run.process.pid);
        by_pid_.erase(run.process.pid);
    }
    if (!run.has_no_group)
        remove_group(run.instance, run.group_name(action.run), !run.limits.empty());
    parts_.identities.forget(action.run);
    runs_.erase(found);
}

/// Its cgroup stays: the processes are in it. When it ends the keeper has one unknown child more.
void ProcessDriver::perform(const core::ReleaseRun& action) {
    const auto found = runs_.find(action.run);
    if (found == runs_.end()) return;
    Run& run = *found->second;
    emptiness_->forget(action.run);
    readiness_->forget(action.run);
    mains_->forget(action.run);
    if (run.spawn) parts_.spawner.finish(std::move(run.spawn));
    by_pid_.erase(run.process.pid);
    parts_.identities.forget(action.run);
    runs_.erase(found);
}

std::vector<pid_t> ProcessDriver::members(core::RunId id) const {
    const auto found = runs_.find(id);
    if (found == runs_.end() || found->second->has_no_group) return {};
    const Run& run = *found->second;
    return parts_.containment.members(run.group(parts_.containment, id), to_hex(id),
                                      run.process.pid);
}

}  // namespace reeve::drivers
