#include "drivers/task_runner.h"

#include <errno.h>
#include <sys/random.h>
#include <unistd.h>

#include <utility>

#include "base/text.h"
#include "drivers/process_driver.h"

namespace reeve::drivers {
namespace {

/// A part of a cgroup's name that no instance's has: `+` is escaped there.
constexpr std::string_view kMark = "+";
constexpr std::size_t kReadBytes = std::size_t{64} * 1024;

/// Different from those of earlier daemons, whose strays may still be on their way out.
TaskId first_id() {
    TaskId id = 0;
    if (::getrandom(&id, sizeof id, 0) != sizeof id) id = 0;  // only the names repeat then
    return (id << 16 | 1) & ~(TaskId{1} << 63);
}

}  // namespace

struct TaskRunner::Running {
    std::string instance;  // the name of its cgroup
    std::string run;       // in hex
    os::UniqueFd output;
    Watch readable;
    std::unique_ptr<os::PendingSpawn> spawn;  // until executed
    Watch spawn_news;
    os::UniqueFd pidfd;
    Watch ended;
    std::unique_ptr<Alarm> alarm;
    pid_t pid = 0;
    int spawn_error = 0;
    std::string spawn_stage;
    OnOutput on_output;
    OnEnd on_end;
};

TaskRunner::TaskRunner(Parts parts) : parts_(parts) {}
TaskRunner::~TaskRunner() = default;

Result<TaskId> TaskRunner::start(const Task& task, OnOutput on_output, OnEnd on_end) {
    if (running_.size() >= kTasksMax) return Error{"too many tasks are running; try again later"};
    if (last_id_ == 0) last_id_ = first_id();
    const TaskId id = ++last_id_;
    spec::Service service;
    service.name = task.name;
    service.command = task.command;
    service.working_dir = task.working_dir;
    service.environment = task.environment;
    service.credentials.user = task.user;
    const auto app = std::make_shared<const spec::App>(spec::App{.name = task.app});
    const core::SpawnRun action{id,
                                core::RunRole::Main,
                                {task.app, task.name, task.number, ""},
                                app,
                                &service,
                                task.command,
                                0,
                                0};
    ChildContext context;
    const bool marked = parts_.containment.mode() == os::ContainmentMode::None;
    if (marked) context.run_mark = to_hex(id);
    std::unique_ptr<os::ChildSetup> setup = TRY(planner_.plan(action, context));

    auto running = std::make_unique<Running>();
    running->instance = escape_name(task.app) + "/" +
                        escape_name(std::string(kMark) + task.name + "." + to_hex(id));
    running->run = to_hex(id);
    running->output = TRY(os::make_log_pipe());
    const os::UniqueFd writing_end = TRY(os::open_writing_end(running->output.get()));
    const os::RunGroup group = TRY(parts_.containment.create(running->instance, running->run));
    const os::UniqueFd directory = parts_.containment.open_for_clone(group);
    setup->cgroup_files = parts_.containment.files_to_join(group);
    auto alarm = TRY(Alarm::create(parts_.loop, [this, id] { cancel(id); }));
    running->alarm = std::make_unique<Alarm>(std::move(alarm));
    running->spawn = TRY(parts_.spawner.start(
        std::move(setup), task.output_fd >= 0 ? task.output_fd : writing_end.get(),
        directory.get()));
    running->pidfd = running->spawn->take_pidfd();
    running->pid = running->spawn->pid();
    running->on_output = std::move(on_output);
    running->on_end = std::move(on_end);

    Running& placed = *(running_[id] = std::move(running));
    by_pid_[placed.pid] = id;
    placed.alarm->set(steady_now() + task.timeout);
    placed.spawn_news = Watch(parts_.loop, placed.spawn->status_fd(), Watch::For::Reading,
                              [this, id] { follow_spawn(id); });
    placed.ended = Watch(parts_.loop, placed.pidfd.get(), Watch::For::Reading,
                         [this, id] { process_ended(id); });
    placed.readable = Watch(parts_.loop, placed.output.get(), Watch::For::Reading,
                            [this, id] { read_output(id); });
    return id;
}

void TaskRunner::follow_spawn(TaskId id) {
    Running& running = *running_.at(id);
    if (running.spawn->progress() == os::PendingSpawn::Progress::OnItsWay) return;
    running.spawn_news = Watch();
    running.spawn_error = running.spawn->error();
    running.spawn_stage = running.spawn->stage_text();
    parts_.spawner.finish(std::move(running.spawn));
}

void TaskRunner::read_output(TaskId id) {
    Running& running = *running_.at(id);
    std::string piece(kReadBytes, '\0');
    const ssize_t got = ::read(running.output.get(), piece.data(), piece.size());
    if (got <= 0) return;
    running.on_output(std::string_view(piece).substr(0, static_cast<std::size_t>(got)));
}

/// Its status is asked for; the keeper's answer is the end.
void TaskRunner::process_ended(TaskId id) {
    Running& running = *running_.at(id);
    running.ended = Watch();
    if (running.spawn) follow_spawn(id);
    if (running.spawn) parts_.spawner.finish(std::move(running.spawn));
    running.spawn_news = Watch();
    parts_.keeper.ask_ended(running.pid);
}

void TaskRunner::cancel(TaskId id) {
    const auto found = running_.find(id);
    if (found == running_.end()) return;
    const Running& running = *found->second;
    parts_.containment.kill(parts_.containment.group_of(running.instance, running.run), running.run,
                            running.pid);
}

bool TaskRunner::child_ended(pid_t pid, int status) {
    const auto known = by_pid_.find(pid);
    if (known == by_pid_.end()) return false;
    const TaskId id = known->second;
    if (running_.at(id)->ended.active()) return true;  // its pidfd tells, and then it is asked for
    // What it left behind goes with it, after its last words were read.
    for (;;) {
        char rest[4096];
        const ssize_t got = ::read(running_.at(id)->output.get(), rest, sizeof rest);
        if (got <= 0) break;
        running_.at(id)->on_output(std::string_view(rest, static_cast<std::size_t>(got)));
    }
    cancel(id);
    const std::unique_ptr<Running> running = std::move(running_.at(id));
    running_.erase(id);
    by_pid_.erase(known);
    running->readable = Watch();
    parts_.keeper.reap(pid);
    parts_.containment.remove(parts_.containment.group_of(running->instance, running->run));
    parts_.containment.remove_app(running->instance);
    if (running->spawn_error != 0) {
        running->on_output(system_error(running->spawn_stage, running->spawn_error).message + "\n");
    }
    running->on_end(to_exit(status));
    return true;
}

void TaskRunner::kill_strays() {
    for (const os::Containment::Stray& stray : parts_.containment.strays(escape_name(kMark))) {
        const os::RunGroup group = parts_.containment.group_of(stray.instance, stray.run);
        parts_.containment.kill(group, stray.run, stray.pid);
    }
}

}  // namespace reeve::drivers
