#include <fcntl.h>
#include <malloc.h>

#include <algorithm>
#include <event2/event.h>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "daemon/backend.h"
#include "daemon/cron.h"
#include "daemon/daemon.h"
#include "daemon/deploys.h"
#include "daemon/job_files.h"
#include "daemon/keys.h"
#include "daemon/listening_socket.h"
#include "os/users.h"
#include "spec/one_off.h"

// How a daemon comes to life: out of what the keeper has stored, or out of intent on disk.
namespace reeve::daemon {
namespace {

/// How long clients wait for what is remembered, when nobody reads it.
constexpr Duration kIntentPatience = 2s;

constexpr const char* kSyslogSocket = "/dev/log";

std::string without_prefix(const std::string& text, std::string_view prefix) {
    return text.substr(prefix.size());
}

}  // namespace

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
    keeper_->serve(loop_.get(), {[this](pid_t pid, int status) {
                                     // In safe mode it stays a zombie: its status is for a
                                     // version that works.
                                     if (safe_mode_) return;
                                     if (!tasks_->child_ended(pid, status))
                                         processes_->child_ended(pid, status);
                                 },
                                 [this](os::UniqueFd link, pid_t pid) {
                                     logs_->note_scribe(pid);
                                     scribe_->attach(std::move(link));
                                 },
                                 [this] { shut_down("the keeper was asked to end"); },
                                 [this] { succeed_keeper(); },
                                 [this](const std::string& why) {
                                     upgrade_note_ = "the upgrade was not begun: " + why;
                                     warn("upgrade", upgrade_note_, "");
                                 },
                                 [this] { job_files_->read_again(); },
                                 [this](const link::HeldFd& pipe) { logs_->note_held(pipe); }});
    keeper_version_ = greeting.version;
    upgrade_note_ = greeting.upgrade_note;
    if (!upgrade_note_.empty()) warnings_["upgrade"] = {upgrade_note_, "see the keeper's output"};
    logs_ = std::make_unique<drivers::LogPipes>(paths_, *keeper_, *scribe_);
    change_logs_ = std::make_unique<ChangeLogs>(*logs_, kSyslogSocket);
    TRY(make_drivers());
    logs_->restore(greeting.stored, greeting.held);
    notify_->restore(greeting.stored);
    sockets_->restore(greeting.stored);
    ready_->restore(greeting.stored);
    TRY(serve_api(greeting));
    TRY(restore(greeting));
    cron_->follow_store();
    for (const std::shared_ptr<const spec::App>& app : loaded_apps())
        note_bluepill_pid(app->name, app.get());
    keeper_->say_hello();
    return {};
}

Result<void> Daemon::make_drivers() {
    const drivers::EventSink sink = [this](core::Event event) {
        events_.push_back(std::move(event));
    };
    notify_ = std::make_unique<drivers::NotifySockets>(loop_.get(), paths_.run_dir + "/notify",
                                                       *keeper_, sink);
    sockets_ = TRY(drivers::SocketEvents::create(
        {loop_.get(), *spawner_, *keeper_}, [this](spec::NamedEvent event) {
            events_.push_back(core::Happened{std::move(event), "sockets"});
        }));
    ready_ = std::make_unique<drivers::ReadyPipes>(loop_.get(), paths_.run_dir + "/notify",
                                                   *keeper_, sink);
    tasks_ = std::make_unique<drivers::TaskRunner>(
        drivers::TaskRunner::Parts{loop_.get(), containment_, *spawner_, *keeper_});
    pid_commands_.emplace(*tasks_);
    processes_ = TRY(drivers::ProcessDriver::create(
        {loop_.get(), containment_, *spawner_, *keeper_, *logs_, ports_, identities_, *notify_,
         *ready_, *pid_commands_, sink,
         [this](const spec::Service& service) { return sockets_->passed_to(service); }}));
    checks_ = TRY(drivers::CheckDriver::create(
        loop_.get(), ports_, [this](core::RunId run) { return processes_->members(run); }, sink));
    deploys_ = std::make_unique<Deploys>(*this);
    cron_ = TRY(Cron::create(*this));
    rebuilds_ = TRY(Rebuilds::create(
        loop_.get(), [this](const std::string& app, const std::string& reason, auto ended) {
            rebuild(app, reason, std::move(ended));
        }));
    proxy_ = std::make_unique<Proxy>(Proxy::Parts{
        loop_.get(), paths_, store_, ports_,
        [this](core::CommandKind kind) { command(std::move(kind), "the proxy needs it"); },
        [this] { proxy_moved_ = true; }});
    job_files_ = TRY(JobFiles::create(*this));
    crash_notices_ = TRY(CrashNotices::create(
        {loop_.get(), [this](const spec::InstanceName& name) { return logs_->path_of(name); },
         [this](status::Transition notice) { tell_crash_loop(std::move(notice)); }}));
    programs_.emplace(loop_.get(), [this](const spec::InstanceName& name, const std::string& path) {
        try_program(name, path);
    });
    // Waking up is all that the alarms are for: the turn looks at the time.
    alarm_ = std::make_unique<drivers::Alarm>(TRY(drivers::Alarm::create(loop_.get(), [] {})));
    intent_alarm_ = std::make_unique<drivers::Alarm>(
        TRY(drivers::Alarm::create(loop_.get(), [this] { server_->accept_again(); })));
    end_alarm_ = std::make_unique<drivers::Alarm>(TRY(drivers::Alarm::create(loop_.get(), [] {})));
    tidy_alarm_ = std::make_unique<drivers::Alarm>(TRY(drivers::Alarm::create(loop_.get(), [this] {
        look_up_accounts();
        transitions_.shrink_to_fit();  // a thousand at once were room for 200 kB
        ::malloc_trim(0);
    })));
    upgrade_alarm_ = std::make_unique<drivers::Alarm>(
        TRY(drivers::Alarm::create(loop_.get(), [this] { keeper_->upgrade(upgrade_to_); })));
    retry_alarm_ = std::make_unique<drivers::Alarm>(
        TRY(drivers::Alarm::create(loop_.get(), [this] { compact_journal(); })));
    tidy_memory_soon();
    event_sources_.emplace(loop_.get(),
                           [this](core::Event event) { events_.push_back(std::move(event)); });
    return {};
}

/// Whom only other sources than the files of this system may know: asking them all takes longer
/// than the rest of the start.
void Daemon::look_up_accounts() {
    if (accounts_looked_up_) return;
    const Result<os::User> user = os::default_app_user();
    if (!user)
        return warn("users", user.error().message,
                    "apps without a user wait for an answer of `getent passwd reeve-app`");
    accounts_looked_up_ = true;
    warnings_.erase("users");
    if (user->uid == 0) {
        warnings_["root"] = {"apps in directories of root run as root",
                             "make a system user `reeve-app`, or give the directories to a user"};
    }
    const Result<void> given = give_to_operators(paths_.socket);
    if (!given) warn("socket", given.error().message, "");
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

/// No journal: nothing of this reeve should run. What does belongs to one whose journal was lost
/// with the keeper and reeved; it is in our own cgroups, so that there is no doubt whose it is.
Result<void> Daemon::start_afresh(const core::ManagerSettings& settings) {
    for (const os::Containment::Stray& stray : containment_.strays()) {
        log::warning("instance=" + stray.instance + " pid=" + std::to_string(stray.pid) +
                     " reason=\"killed: left by a reeve whose journal was lost\"");
        containment_.kill(containment_.group_of(stray.instance, stray.run), stray.run, stray.pid);
    }
    recorder_.note(core::RecordedStart{settings, drivers::steady_now(), false, {}});
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
    if (greeting.safe_mode) {
        begin_safe_mode(settings);
        return {};
    }
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
        } else if (record.key.starts_with(kProcessPrefix)) {
            identities_.restore(without_prefix(record.key, kProcessPrefix), record.value);
        } else if (record.key.starts_with(kStorePrefix)) {
            store_.restore(without_prefix(record.key, kStorePrefix), record.value);
        } else {
            of_core.push_back(std::move(record));
        }
    }
    core::Actions actions;
    const TimePoint now = drivers::steady_now();
    if (recorder_.is_recording()) recorder_.note({settings, now, true, of_core});
    manager_.emplace(TRY(core::Manager::restore(settings, of_core, now, actions)));
    log::info("reason=\"restored from the journal\" records=" + std::to_string(of_core.size()));
    intent_loaded_ = !manager_->apps().empty();
    if (!manager_->jobs({})->jobs.empty()) event_sources_->skip_boot();
    await_files(drivers::FileEvents::Present::Known);
    await_sockets();
    manager_->visit_instances({}, [this](const status::Instance& one) { await_program(one); });
    job_files_->follow();
    if (!intent_loaded_) load_intent();
    write_journal();
    perform(actions);
    identities_.end_restoring();
    note_performed();
    deploys_->take_up(Deploys::CoreIs::Restored);
    update_proxy();
    return {};
}

/// reeved did not come up, again and again, perhaps because of what it remembers. So nothing of
/// that is touched: the journal stays with the keeper, no run is signalled, and no command is
/// taken.
void Daemon::begin_safe_mode(const core::ManagerSettings& settings) {
    safe_mode_ = true;
    manager_.emplace(settings);
    intent_loaded_ = true;
    warn("safe mode",
         "reeve is in safe mode: reeved ended again and again. What runs is left alone, and "
         "nothing is decided",
         "look into the keeper's output, then `reeve upgrade DIR` to a version that works");
}

/// Clients wait meanwhile, so that none is told that there is no app; but for so long only.
void Daemon::load_intent() {
    server_->hold_accepting();
    intent_alarm_->set(drivers::steady_now() + kIntentPatience);
    scribe_->load_intent([this](Result<std::vector<link::IntentEntry>> entries) {
        if (entries) {
            restore_intent(*entries);
            deploys_->take_up(Deploys::CoreIs::New);
        } else {
            warn("intent", "what was loaded before is not known: " + entries.error().message,
                 "look at the files in the state directory, then start reeve again");
        }
        intent_loaded_ = true;
        intent_alarm_->set(std::nullopt);
        server_->accept_again();
        std::move(early_commands_.begin(), early_commands_.end(), std::back_inserter(events_));
        early_commands_.clear();
        // Before the first jobs have come there is nobody to tell.
        const bool jobs_come = std::any_of(events_.begin(), events_.end(), brings_jobs);
        if (jobs_come) event_sources_->tell_boot();
    });
}

/// Only where the journal knew of nothing: it is the newer one.
void Daemon::restore_store(const std::vector<link::IntentEntry>& entries) {
    if (!store_.entries().empty()) return;
    std::vector<core::Record> records;
    for (const link::IntentEntry& entry : entries) {
        if (!entry.key.starts_with(kStorePrefix)) continue;
        store_.restore(without_prefix(entry.key, kStorePrefix), entry.value);
        records.push_back({entry.key, entry.value, false});
    }
    append_to_journal(records);
    cron_->follow_store();
}

void Daemon::restore_intent(const std::vector<link::IntentEntry>& entries) {
    restore_store(entries);
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
        if (spec::is_one_off(*app)) {
            persist(entry.key, "", true);
            persist(kFormationPrefix + name, "", true);
            continue;
        }
        status::Cause cause;
        cause.kind = status::CauseKind::Boot;
        cause.text = "reeve was started";
        const std::string* restore = store_.find(name, "ps/restore");
        const bool start = restore == nullptr || *restore != "false";
        events_.push_back(core::RestoreApp{std::make_shared<const spec::App>(std::move(*app)),
                                           formations[name], cause, start});
    }
}

}  // namespace reeve::daemon
