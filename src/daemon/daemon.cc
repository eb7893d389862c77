#include "daemon/daemon.h"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <event2/event.h>
#include <utility>

#include "api/deploy_request.h"
#include "base/bytes.h"
#include "base/log.h"
#include "daemon/backend.h"
#include "daemon/cron.h"
#include "daemon/deploys.h"
#include "daemon/job_files.h"
#include "daemon/keys.h"
#include "daemon/succession.h"
#include "drivers/boot_events.h"

// The turn of the loop, the journal, and the end. How a daemon starts is in daemon_start.cc, how it
// performs the core's actions in daemon_perform.cc.
namespace reeve::daemon {
namespace {

/// Most events handed to the core between two writes of the journal.
constexpr std::size_t kEventsPerStep = 64;
/// Most time that a turn takes, up to a step, before the descriptors are looked at again: clients
/// wait for as long where a thousand processes end at once.
constexpr Duration kTurnTime = 10ms;
/// How long the end waits for clients and for the scribe.
constexpr Duration kEndPatience = 3s;
constexpr Duration kEndLook = 20ms;
/// After so many events, and as long a time of few, memory that was freed is given back: libc keeps
/// what lies between things that live, which is most of it after a load.
constexpr std::size_t kEventsPerTidy = 256;
constexpr Duration kTidyPause = 1s;
/// How long after a failed write the journal is written anew.
constexpr Duration kJournalRetryPause = 200ms;

std::uint64_t random_number() {
    std::uint64_t number = 0;
    if (::getrandom(&number, sizeof number, 0) != sizeof number) return 0;
    return number;
}

template <typename Kind>
bool is_command_to(const core::Event& event) {
    const auto* command = std::get_if<core::Command>(&event);
    return command != nullptr && std::holds_alternative<Kind>(command->kind);
}

bool changes_apps(const core::Event& event) {
    return std::holds_alternative<core::RestoreApp>(event) || is_command_to<core::LoadApp>(event) ||
           is_command_to<core::UnloadApp>(event);
}

bool is_command(const core::Event& event) {
    return std::holds_alternative<core::Command>(event);
}

/// What does not care whether a command comes before it or after it, as both are under way.
bool is_news_of_runs(const core::Event& event) {
    return !is_command(event) && !std::holds_alternative<core::RestoreApp>(event) &&
           !std::holds_alternative<core::Happened>(event);
}

}  // namespace

void FreeLoop::operator()(event_base* loop) const {
    ::event_base_free(loop);
}

Daemon::Daemon(os::Paths paths, std::unique_ptr<os::Spawner> spawner,
               std::unique_ptr<drivers::KeeperClient> keeper)
    : paths_(std::move(paths)),
      spawner_(std::move(spawner)),
      keeper_(std::move(keeper)),
      containment_(os::Containment::choose(paths_)),
      ports_(crc32(paths_.run_dir)),
      roles_(paths_.config_dir + "/reeve.toml"),
      since_(drivers::steady_now()),
      identity_(random_number()) {}

Daemon::~Daemon() = default;

int Daemon::run() {
    while (!has_ended_) {
        turn();
        if (has_ended_) break;
        const int flags = events_.empty() ? EVLOOP_ONCE : EVLOOP_ONCE | EVLOOP_NONBLOCK;
        ::event_base_loop(loop_.get(), flags);
    }
    return 0;
}

void Daemon::turn() {
    const TimePoint end = drivers::steady_now() + kTurnTime;
    for (TimePoint now = end - kTurnTime; now < end; now = drivers::steady_now()) {
        std::vector<core::Event> batch;
        const Deadline deadline = manager_->deadline();
        if (deadline && *deadline <= now) batch.push_back(core::TimePassed{});
        while (!events_.empty() && batch.size() < kEventsPerStep) {
            core::Event event = std::move(events_.front());
            // A command has its step to itself, so that what it persists is known to be its own.
            if (is_command(event) && !batch.empty()) {
                events_.front() = std::move(event);
                break;
            }
            events_.pop_front();
            const bool alone = is_command(event);
            if (alone && !intent_loaded_) {
                early_commands_.push_back(std::move(event));
                continue;
            }
            batch.push_back(std::move(event));
            if (alone) break;
        }
        if (batch.empty()) break;
        step(std::move(batch));
    }
    follow_proxy();
    alarm_->set(manager_->deadline());
    if (manager_->shut_down() && may_end()) has_ended_ = true;
}

/// A client that asks while a thousand processes end has its answer before the last of them is seen
/// to: its command goes before news of runs, but for those of the next step.
void Daemon::queue_command(core::Command command) {
    auto place = events_.end();
    while (place - events_.begin() > static_cast<std::ptrdiff_t>(kEventsPerStep) &&
           is_news_of_runs(*std::prev(place)))
        --place;
    events_.insert(place, std::move(command));
}

void Daemon::step(std::vector<core::Event> events) {
    const TimePoint now = drivers::steady_now();
    core::Actions actions;
    for (const core::Event& event : events) {
        recorder_.note(event, now);
        manager_->handle(event, now, actions);
    }
    // Half of the records of a service that is checked and otherwise left alone.
    journal_waits_ = !journal_waits_ && core::Manager::only_asked(events, actions);
    if (!journal_waits_) write_journal();
    const auto* command = std::get_if<core::Command>(&events.front());
    current_operation_ = command == nullptr ? 0 : command->operation;
    // Before its first start, so that no crash later has to ask who somebody is.
    if (is_command_to<core::LoadApp>(events.front())) {
        processes_->forget_users();
        tasks_->forget_users();
    }
    perform(actions);
    current_operation_ = 0;
    if (!journal_waits_) note_performed();
    update_proxy();
    if (std::any_of(events.begin(), events.end(), changes_apps)) {
        await_files(drivers::FileEvents::Present::Created);
        await_sockets();
        job_files_->follow();
        look_up_accounts();
    }
    events_since_tidy_ += events.size();
    if (events_since_tidy_ >= kEventsPerTidy) tidy_memory_soon();
}

void Daemon::tidy_memory_soon() {
    events_since_tidy_ = 0;
    tidy_alarm_->set(drivers::steady_now() + kTidyPause);
}

void Daemon::write_journal() {
    if (!journal_) return;  // in safe mode it is left as it was found
    std::vector<core::Record> records;
    manager_->take_changes(records);
    for (core::Record& process : identities_.take_changes()) {
        process.key.insert(0, kProcessPrefix);
        records.push_back(std::move(process));
    }
    append_to_journal(records);
    if (journal_->wants_compaction()) compact_journal();
}

/// What cannot be written now is written anew, with everything else, as soon as that can be done.
void Daemon::append_to_journal(const std::vector<core::Record>& records) {
    if (records.empty()) return;
    const Result<void> written = journal_->append(records);
    if (written) return;
    if (!std::exchange(journal_incomplete_, true)) {
        warn("journal", "a crash of reeved would lose state: " + written.error().message,
             "free memory");
    }
    retry_alarm_->set(drivers::steady_now() + kJournalRetryPause);
}

/// So that a successor does not perform the same again: a signal, hours later.
void Daemon::note_performed() {
    if (!journal_) return;
    std::vector<core::Record> records;
    manager_->performed(records);
    append_to_journal(records);
}

void Daemon::compact_journal() {
    if (journal_incomplete_) retry_alarm_->set(drivers::steady_now() + kJournalRetryPause);
    Result<drivers::Journal> fresh = drivers::Journal::create(journal_path_);
    if (!fresh) return;
    std::vector<core::Record> records;
    manager_->all_records(records);
    for (const auto& [instance, ports] : ports_.entries()) {
        records.push_back({kPortPrefix + instance, ports, false});
    }
    for (core::Record& process : identities_.entries()) {
        process.key.insert(0, kProcessPrefix);
        records.push_back(std::move(process));
    }
    for (const auto& [name, value] : store_.entries()) {
        records.push_back({kStorePrefix + name, value, false});
    }
    if (!fresh->append(records) || !fresh->publish()) return;
    keeper_->store_fd(kJournalName, fresh->fd());
    journal_.emplace(std::move(*fresh));
    journal_incomplete_ = false;
    retry_alarm_->set(std::nullopt);
    warnings_.erase("journal");
}

/// Something that the daemon asks of the core by itself.
void Daemon::command(core::CommandKind kind, const std::string& cause) {
    core::Command command;
    command.operation = random_number();
    command.cause.kind = status::CauseKind::Daemon;
    command.cause.text = cause;
    command.kind = std::move(kind);
    events_.push_back(std::move(command));
}

void Daemon::shut_down(const std::string& cause) {
    command(farewell(), cause);
}

/// Jobs are told before everything is stopped.
core::Shutdown Daemon::farewell() {
    std::vector<spec::NamedEvent> events = drivers::farewell_events(paths_.user_mode);
    core::Shutdown shutdown{std::move(events.back())};
    events.pop_back();
    for (spec::NamedEvent& event : events)
        events_.push_back(core::Happened{std::move(event), "the end"});
    return shutdown;
}

/// A deployed app whose policy allows only so many restarts is rebuilt after them.
void Daemon::note_given_up(const status::Transition& transition) {
    if (transition.to != status::State::Failed || manager_ == std::nullopt) return;
    const std::string& name = transition.instance.app;
    const std::shared_ptr<const spec::App> app = manager_->find_app(name);
    if (app == nullptr || store_.find(name, "app/release") == nullptr) return;
    const spec::Service* service = spec::find_service(*app, transition.instance.service);
    if (service == nullptr) return;
    const auto* docker = std::get_if<spec::DockerRestart>(&service->restart);
    const bool counts =
        docker != nullptr && docker->mode == spec::DockerMode::OnFailure && docker->retries_max > 0;
    if (!counts) return;
    std::uint32_t restarts = 0;
    manager_->visit_instances(
        {spec::Target{name, spec::instance_text(transition.instance)}},
        [&](const status::Instance& instance) { restarts = instance.restarts; });
    if (restarts < docker->retries_max) return;
    rebuilds_->note_given_up(name,
                             spec::instance_text(transition.instance) + ": " + transition.reason);
}

void Daemon::rebuild(const std::string& app, const std::string& reason,
                     std::function<void(const Result<void>&)> ended) {
    api::DeployRequest request;
    request.id = random_number();
    request.app = app;
    request.kind = api::DeployKind::Rebuild;
    request.command_line = "the daemon rebuilds, as a process was given up: " + reason;
    api::DeployListener listener;
    listener.on_text = [](std::string_view) {};
    listener.on_end = [ended = std::move(ended)](const api::OperationReply& reply) {
        const bool good = reply.code == api::Code::Done;
        ended(good ? Result<void>() : Error{reply.message});
    };
    deploys_->begin(request, {::geteuid(), ::getegid(), ::getpid()}, std::move(listener));
}

/// nginx follows what the core and operators have decided, once all that waits is done.
void Daemon::update_proxy() {
    if (!intent_loaded_ || !journal_ || !events_.empty()) return;
    // A reload in the middle of its end would bring an nginx of reeve's own to life again.
    if (manager_->is_shutting_down()) return;
    proxy_->update(*manager_);
    persist_ports(ports_.take_changes());
}

/// What nginx has let go of can be stopped.
void Daemon::follow_proxy() {
    if (std::exchange(proxy_moved_, false)) update_proxy();
    for (const std::string& app : manager_->draining_apps()) {
        if (proxy_->has_let_go(app)) events_.push_back(core::TrafficGone{app});
    }
}

/// Everything is stopped: waits for what is still on its way to clients and to the disk.
bool Daemon::may_end() {
    const TimePoint now = drivers::steady_now();
    if (!end_begun_) {
        end_begun_ = true;
        end_by_ = now + kEndPatience;
        server_->stop_accepting();
        sockets_->listen({});
    }
    const bool all_done = !server_->busy() && scribe_->unacknowledged() == 0;
    if (!all_done && now < end_by_) {
        end_alarm_->set(now + kEndLook);
        return false;
    }
    if (!journal_path_.empty()) ::unlink(journal_path_.c_str());
    notify_->remove_files();
    ready_->remove_files();
    ::rmdir((paths_.run_dir + "/notify").c_str());
    processes_->remove_all_vacant_groups();
    containment_.remove_base();
    keeper_->end(0);  // which removes the socket last of all
    return true;
}

void Daemon::succeed_keeper() {
    log::error("reason=\"the keeper has gone; this process becomes the keeper\"");
    Inheritance inheritance;
    inheritance[kLockName] = lock_.get();
    inheritance[kSocketName] = api_socket_.get();
    inheritance[kJournalName] = journal_ ? journal_->fd() : -1;
    logs_->take_back();
    logs_->visit([&](const std::string& name, int fd) { inheritance[name] = fd; });
    notify_->visit([&](const std::string& name, int fd) { inheritance[name] = fd; });
    sockets_->visit([&](const std::string& name, int fd) { inheritance[name] = fd; });
    ready_->visit([&](const std::string& name, int fd) { inheritance[name] = fd; });
    become_keeper(inheritance);
}

}  // namespace reeve::daemon
