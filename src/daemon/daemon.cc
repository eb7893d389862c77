#include "daemon/daemon.h"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <event2/event.h>
#include <utility>

#include "base/bytes.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/backend.h"
#include "daemon/listening_socket.h"
#include "daemon/succession.h"
#include "spec/instance_name.h"

namespace reeve::daemon {
namespace {

/// Most events handed to the core between two writes of the journal.
constexpr std::size_t kEventsPerStep = 64;
/// Most steps of one turn, before the descriptors are looked at again.
constexpr int kStepsPerTurn = 64;
/// How long the end waits for clients and for the scribe.
constexpr Duration kEndPatience = 3s;
constexpr Duration kEndLook = 20ms;
constexpr const char* kJournalName = "journal";
constexpr const char* kSocketName = "api";
constexpr const char* kLockName = "lock";
/// The daemon's own records in the journal, and keys of intent.
constexpr const char* kPortPrefix = "port/";
constexpr const char* kAppPrefix = "app/";
constexpr const char* kFormationPrefix = "formation/";

std::uint64_t random_number() {
    std::uint64_t number = 0;
    if (::getrandom(&number, sizeof number, 0) != sizeof number) return 0;
    return number;
}

std::string without_prefix(const std::string& text, std::string_view prefix) {
    return text.substr(prefix.size());
}

/// The wall time of a steady time: the same for a transition that is told of twice, by this reeved
/// and by its successor.
WallTime wall_of(TimePoint time) {
    return {drivers::wall_now().nanoseconds - (drivers::steady_now() - time).count()};
}

bool is_command(const core::Event& event) {
    return std::holds_alternative<core::Command>(event);
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
      since_(drivers::steady_now()),
      identity_(random_number()) {}

Daemon::~Daemon() = default;

Result<std::unique_ptr<Daemon>> Daemon::create(os::Paths paths,
                                               std::unique_ptr<os::Spawner> spawner,
                                               std::unique_ptr<drivers::KeeperClient> keeper,
                                               drivers::KeeperGreeting greeting) {
    std::unique_ptr<Daemon> daemon(
        new Daemon(std::move(paths), std::move(spawner), std::move(keeper)));
    TRY(daemon->prepare(std::move(greeting)));
    return daemon;
}

Result<void> Daemon::prepare(drivers::KeeperGreeting greeting) {
    event_config* config = ::event_config_new();
    ::event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    loop_.reset(::event_base_new_with_config(config));
    ::event_config_free(config);
    if (!loop_) return Error{"create an event loop"};

    lock_ = std::move(greeting.stored[kLockName]);
    scribe_ = std::make_unique<drivers::ScribeClient>(
        loop_.get(), identity_, [this](const link::Trouble& trouble) { hear_trouble(trouble); });
    keeper_->serve(
        loop_.get(),
        {[this](pid_t pid, int status) { processes_->child_ended(pid, status); },
         [this](os::UniqueFd link) { scribe_->attach(std::move(link)); },
         [this] { shut_down("the keeper was asked to end"); }, [this] { succeed_keeper(); }});
    logs_ = std::make_unique<drivers::LogPipes>(paths_, *keeper_, *scribe_);
    TRY(make_drivers());
    logs_->restore(greeting.stored);
    TRY(serve_api(greeting));
    TRY(restore(greeting));
    keeper_->say_hello();
    return {};
}

Result<void> Daemon::make_drivers() {
    processes_ = TRY(drivers::ProcessDriver::create(
        {loop_.get(), containment_, *spawner_, *keeper_, *logs_, ports_,
         [this](core::Event event) { events_.push_back(std::move(event)); }}));
    // Waking up is all that the alarms are for: the turn looks at the time.
    alarm_ = std::make_unique<drivers::Alarm>(TRY(drivers::Alarm::create(loop_.get(), [] {})));
    end_alarm_ = std::make_unique<drivers::Alarm>(TRY(drivers::Alarm::create(loop_.get(), [] {})));
    if (processes_->runs_apps_as_root()) {
        warnings_["root"] = {"apps in directories of root run as root; see `reeve doctor`",
                             "make a system user `reeve-app`, or give the directories to a user"};
    }
    return {};
}

/// No journal: nothing of this reeve should run. What does belongs to one whose journal was lost
/// with the keeper and reeved; it is in our own cgroups, so that there is no doubt whose it is.
Result<void> Daemon::start_afresh(const core::ManagerSettings& settings) {
    for (const os::Containment::Stray& stray : containment_.strays()) {
        log::warning("instance=" + stray.instance + " pid=" + std::to_string(stray.pid) +
                     " reason=\"killed: left by a reeve whose journal was lost\"");
        containment_.kill(containment_.group_of(stray.instance, stray.run), stray.run, stray.pid);
    }
    manager_.emplace(settings);
    journal_.emplace(TRY(drivers::Journal::create(journal_path_)));
    TRY(journal_->publish());
    keeper_->store_fd(kJournalName, journal_->fd());
    load_intent();
    return {};
}

Result<void> Daemon::restore(drivers::KeeperGreeting& greeting) {
    core::ManagerSettings settings;
    settings.epoch = greeting.epoch;
    settings.seed = identity_;
    journal_path_ = drivers::journal_path(paths_.run_dir);
    os::UniqueFd earlier = std::move(greeting.stored[kJournalName]);
    if (!earlier && !journal_path_.empty()) {
        // The keeper and reeved ended together: the runs went to init, their journal stayed.
        Result<os::UniqueFd> left = os::open_file(journal_path_, O_RDWR);
        if (left) earlier = std::move(*left);
    }
    if (!earlier) return start_afresh(settings);
    std::vector<core::Record> records;
    journal_.emplace(TRY(drivers::Journal::resume(std::move(earlier), records)));
    keeper_->store_fd(kJournalName, journal_->fd());
    std::vector<core::Record> of_core;
    for (core::Record& record : records) {
        if (record.key.starts_with(kPortPrefix)) {
            ports_.restore(without_prefix(record.key, kPortPrefix), record.value);
        } else {
            of_core.push_back(std::move(record));
        }
    }
    core::Actions actions;
    manager_.emplace(
        TRY(core::Manager::restore(settings, of_core, drivers::steady_now(), actions)));
    log::info("reason=\"restored from the journal\" records=" + std::to_string(of_core.size()));
    intent_loaded_ = !manager_->apps().empty();
    if (!intent_loaded_) load_intent();
    write_journal();
    perform(actions);
    return {};
}

Result<void> Daemon::serve_api(drivers::KeeperGreeting& greeting) {
    const auto stored = greeting.stored.find(kSocketName);
    if (stored != greeting.stored.end()) {
        api_socket_ = std::move(stored->second);
    } else {
        api_socket_ = TRY(make_listening_socket(paths_.socket));
        keeper_->store_fd(kSocketName, api_socket_.get());
    }
    backend_ = std::make_unique<DaemonBackend>(*this);
    os::UniqueFd listener = TRY(os::duplicate(api_socket_.get()));
    server_.emplace(
        TRY(api::Server::listen(loop_.get(), std::move(listener), *backend_, api::ServerLimits{})));
    return {};
}

void Daemon::load_intent() {
    scribe_->load_intent([this](Result<std::vector<link::IntentEntry>> entries) {
        if (entries) {
            restore_intent(*entries);
        } else {
            warn("intent", "what was loaded before is not known: " + entries.error().message,
                 "look at the files in the state directory, then start reeve again");
        }
        intent_loaded_ = true;
        std::move(early_commands_.begin(), early_commands_.end(), std::back_inserter(events_));
        early_commands_.clear();
    });
}

void Daemon::restore_intent(const std::vector<link::IntentEntry>& entries) {
    std::map<std::string, std::string> formations;
    for (const link::IntentEntry& entry : entries) {
        if (entry.key.starts_with(kPortPrefix)) {
            ports_.restore(without_prefix(entry.key, kPortPrefix), entry.value);
        } else if (entry.key.starts_with(kFormationPrefix)) {
            formations[without_prefix(entry.key, kFormationPrefix)] = entry.value;
        }
    }
    for (const link::IntentEntry& entry : entries) {
        if (!entry.key.starts_with(kAppPrefix)) continue;
        const std::string name = without_prefix(entry.key, kAppPrefix);
        Result<spec::App> app = spec::app_from_json(entry.value);
        if (!app) {
            warn("intent " + name, "app " + name + " was not restored: " + app.error().message,
                 "load it again");
            continue;
        }
        status::Cause cause;
        cause.kind = status::CauseKind::Boot;
        cause.text = "reeve was started";
        events_.push_back(core::RestoreApp{std::make_shared<const spec::App>(std::move(*app)),
                                           formations[name], cause});
    }
}

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
    for (int steps = 0; steps < kStepsPerTurn; ++steps) {
        std::vector<core::Event> batch;
        const Deadline deadline = manager_->deadline();
        if (deadline && *deadline <= drivers::steady_now()) batch.push_back(core::TimePassed{});
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
    // What was performed must not be repeated by a successor: a signal, hours later.
    write_journal();
    alarm_->set(manager_->deadline());
    if (manager_->shut_down() && may_end()) has_ended_ = true;
}

void Daemon::step(std::vector<core::Event> events) {
    const TimePoint now = drivers::steady_now();
    core::Actions actions;
    for (const core::Event& event : events)
        manager_->handle(event, now, actions);
    write_journal();
    const auto* command = std::get_if<core::Command>(&events.front());
    current_operation_ = command == nullptr ? 0 : command->operation;
    perform(actions);
    current_operation_ = 0;
}

void Daemon::write_journal() {
    std::vector<core::Record> records;
    manager_->take_changes(records);
    if (records.empty()) return;
    const Result<void> written = journal_->append(records);
    if (!written) {
        warn("journal", "a crash of reeved would lose state: " + written.error().message,
             "free memory");
    }
    if (journal_->wants_compaction()) compact_journal();
}

void Daemon::compact_journal() {
    Result<drivers::Journal> fresh = drivers::Journal::create(journal_path_);
    if (!fresh) return;
    std::vector<core::Record> records;
    manager_->all_records(records);
    for (const auto& [instance, ports] : ports_.entries()) {
        records.push_back({kPortPrefix + instance, ports, false});
    }
    if (!fresh->append(records) || !fresh->publish()) return;
    keeper_->store_fd(kJournalName, fresh->fd());
    journal_.emplace(std::move(*fresh));
    warnings_.erase("journal");
}

/// What must be quick comes first: a run that ended is reaped, and told of, after its replacement
/// was cloned.
void Daemon::perform(core::Actions& actions) {
    const auto can_wait = [](const core::Action& action) {
        return std::holds_alternative<core::ReapRun>(action) ||
               std::holds_alternative<core::RecordTransition>(action);
    };
    for (core::Action& action : actions) {
        if (!can_wait(action)) perform_one(action);
    }
    persist_ports(ports_.take_changes());
    for (core::Action& action : actions) {
        if (can_wait(action)) perform_one(action);
    }
    if (transitions_.empty()) return;
    scribe_->append_transitions(transitions_);
    transitions_.clear();
}

void Daemon::perform_one(core::Action& action) {
    struct Performer {
        Daemon& daemon;
        void operator()(core::SpawnRun& a) { daemon.processes_->perform(a); }
        void operator()(core::InspectSpawn& a) { daemon.processes_->perform(a); }
        void operator()(core::ProbeReadiness& a) { daemon.processes_->perform(a); }
        void operator()(core::SignalRun& a) { daemon.processes_->perform(a); }
        void operator()(core::KillRun& a) { daemon.processes_->perform(a); }
        void operator()(core::WatchEmpty& a) { daemon.processes_->perform(a); }
        void operator()(core::ReapRun& a) { daemon.processes_->perform(a); }
        void operator()(core::AdoptRun& a) { daemon.processes_->perform(a); }
        void operator()(core::ForgetInstance& a) {
            daemon.logs_->forget(a.instance);
            daemon.ports_.forget(a.instance);
            daemon.containment_.remove_instance(drivers::escaped_name(a.instance));
        }
        void operator()(core::RecordTransition& a) {
            a.transition.wall = wall_of(a.transition.time);
            daemon.server_->publish(a.transition);
            log::info("app=" + a.transition.instance.app +
                      " instance=" + spec::instance_text(a.transition.instance) + " state=" +
                      status::to_text(a.transition.to) + " reason=\"" + a.transition.reason + "\"");
            daemon.transitions_.push_back(std::move(a.transition));
        }
        void operator()(core::PersistApp& a) {
            daemon.processes_->forget_users();
            const std::string text = a.spec ? spec::to_json(*a.spec) : std::string();
            daemon.persist(kAppPrefix + a.app, text, a.spec == nullptr);
            if (a.spec == nullptr) daemon.persist(kFormationPrefix + a.app, "", true);
        }
        void operator()(core::PersistFormation& a) {
            daemon.persist(kFormationPrefix + a.app, a.formation, false);
        }
        void operator()(core::Refused& a) { daemon.operations_.refused(a); }
        void operator()(core::Accepted& a) { daemon.operations_.accepted(a); }
        void operator()(core::OperationDone& a) { daemon.operations_.done(a); }
    };
    std::visit(Performer{*this}, action);
}

void Daemon::persist(const std::string& key, const std::string& value, bool erase) {
    const core::OperationId operation = current_operation_;
    if (operation != 0) operations_.remembering(operation);
    auto durable = [this, operation](bool is_durable, const std::string& why_not) {
        if (operation != 0) operations_.remembered(operation, is_durable, why_not);
    };
    if (erase) {
        scribe_->erase_intent(key, std::move(durable));
    } else {
        scribe_->put_intent(key, value, std::move(durable));
    }
}

void Daemon::persist_ports(const std::map<std::string, std::string>& changes) {
    if (changes.empty()) return;
    std::vector<core::Record> records;
    for (const auto& [instance, ports] : changes) {
        records.push_back({kPortPrefix + instance, ports, ports.empty()});
        if (ports.empty()) {
            scribe_->erase_intent(kPortPrefix + instance, {});
        } else {
            scribe_->put_intent(kPortPrefix + instance, ports, {});
        }
    }
    (void)journal_->append(records);  // a lost port is found again by binding
}

void Daemon::warn(const std::string& subject, std::string text, std::string advice) {
    log::warning("reason=\"" + text + "\"");
    warnings_[subject] = {std::move(text), std::move(advice)};
}

void Daemon::hear_trouble(const link::Trouble& trouble) {
    const std::string instance = logs_ ? logs_->name_of(trouble.log) : std::string();
    std::string subject;
    switch (trouble.kind) {
        case link::TroubleKind::Log:
            subject = "log " + instance;
            break;
        case link::TroubleKind::Intent:
            subject = "intent on disk";
            break;
        case link::TroubleKind::Ledger:
            subject = "ledger on disk";
            break;
    }
    if (trouble.stage == link::TroubleStage::Over) {
        warnings_.erase(subject);
        return;
    }
    warn(subject, subject + ": " + trouble.message, "");
}

void Daemon::shut_down(const std::string& cause) {
    core::Command command;
    command.operation = random_number();
    command.cause.kind = status::CauseKind::Daemon;
    command.cause.text = cause;
    command.kind = core::Shutdown{};
    events_.push_back(std::move(command));
}

/// Everything is stopped: waits for what is still on its way to clients and to the disk.
bool Daemon::may_end() {
    const TimePoint now = drivers::steady_now();
    if (!end_begun_) {
        end_begun_ = true;
        end_by_ = now + kEndPatience;
        server_->stop_accepting();
    }
    const bool all_done = !server_->busy() && scribe_->unacknowledged() == 0;
    if (!all_done && now < end_by_) {
        end_alarm_->set(now + kEndLook);
        return false;
    }
    ::unlink(paths_.socket.c_str());
    if (!journal_path_.empty()) ::unlink(journal_path_.c_str());
    containment_.remove_base();
    keeper_->end(0);
    return true;
}

void Daemon::succeed_keeper() {
    log::error("reason=\"the keeper has gone; this process becomes the keeper\"");
    Inheritance inheritance;
    inheritance[kLockName] = lock_.get();
    inheritance[kSocketName] = api_socket_.get();
    inheritance[kJournalName] = journal_->fd();
    logs_->visit([&](const std::string& name, int fd) { inheritance[name] = fd; });
    become_keeper(inheritance);
}

}  // namespace reeve::daemon
