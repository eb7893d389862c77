#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/backend.h"
#include "api/server.h"
#include "core/manager.h"
#include "daemon/app_store.h"
#include "daemon/bluepill_pids.h"
#include "daemon/change_logs.h"
#include "daemon/crash_notices.h"
#include "daemon/event_sources.h"
#include "daemon/operation_book.h"
#include "daemon/program_watch.h"
#include "daemon/proxy.h"
#include "daemon/rebuilds.h"
#include "daemon/recorder.h"
#include "daemon/roles.h"
#include "drivers/check_driver.h"
#include "drivers/journal.h"
#include "drivers/keeper_client.h"
#include "drivers/log_pipes.h"
#include "drivers/loop.h"
#include "drivers/notify_sockets.h"
#include "drivers/port_book.h"
#include "drivers/process_driver.h"
#include "drivers/ready_pipes.h"
#include "drivers/scribe_client.h"
#include "drivers/socket_events.h"
#include "drivers/task_runner.h"
#include "os/containment.h"
#include "os/paths.h"
#include "os/spawner.h"

namespace reeve::daemon {

/// Frees an event loop.
struct FreeLoop {
    void operator()(event_base* loop) const;
};
using LoopPointer = std::unique_ptr<event_base, FreeLoop>;

/// Something that an operator must know, as long as it lasts.
struct Warning {
    std::string text;
    std::string advice;  // what to do about it, or empty
};

/// Joins core, drivers and API in one loop on one thread.
///
/// A turn: wait for facts; hand them to the core; write what changed to the journal; perform the
/// actions. A start, a crash and an upgrade are one path: what the keeper stored decides whether
/// the core is restored from the journal (an earlier reeved ran) or from intent (a fresh start).
class Daemon {
public:
    /// Prepares everything up to serving; `greeting` is the keeper's. A failure here ends reeved,
    /// and the keeper tries again.
    static Result<std::unique_ptr<Daemon>> create(os::Paths paths,
                                                  std::unique_ptr<os::Spawner> spawner,
                                                  std::unique_ptr<drivers::KeeperClient> keeper,
                                                  drivers::KeeperGreeting greeting);
    ~Daemon();

    /// Serves until everything was shut down; the exit code of reeved.
    int run();

private:
    friend class DaemonBackend;
    friend class Deploys;
    friend class Cron;
    friend class JobFiles;
    Daemon(os::Paths paths, std::unique_ptr<os::Spawner> spawner,
           std::unique_ptr<drivers::KeeperClient> keeper);
    Result<void> prepare(drivers::KeeperGreeting greeting);
    Result<void> make_drivers();
    Result<void> start_afresh(const core::ManagerSettings& settings);
    Result<void> restore(drivers::KeeperGreeting& greeting);
    void begin_safe_mode(const core::ManagerSettings& settings);
    Result<void> serve_api(drivers::KeeperGreeting& greeting);
    void load_intent();
    void restore_store(const std::vector<link::IntentEntry>& entries);
    void restore_intent(const std::vector<link::IntentEntry>& entries);

    void turn();
    void step(std::vector<core::Event> events);
    void queue_command(core::Command command);
    void tidy_memory_soon();
    void look_up_accounts();
    void write_journal();
    void note_performed();
    void compact_journal();
    void append_to_journal(const std::vector<core::Record>& records);
    void perform(core::Actions& actions);
    void perform_one(core::Action& action);
    void await_files(drivers::FileEvents::Present present);
    void await_sockets();
    std::vector<std::shared_ptr<const spec::App>> loaded_apps() const;
    void persist(const std::string& key, const std::string& value, bool erase);
    void persist_store(api::OperationAnswer answer);
    void persist_ports(const std::map<std::string, std::string>& changes);
    void warn(const std::string& subject, std::string text, std::string advice);
    void hear_trouble(const link::Trouble& trouble);
    void shut_down(const std::string& cause);
    core::Shutdown farewell();
    void command(core::CommandKind kind, const std::string& cause);
    void update_proxy();
    void follow_proxy();
    void note_given_up(const status::Transition& transition);
    void await_program(const status::Instance& one);
    void note_program(const status::Transition& transition);
    void try_program(const spec::InstanceName& name, const std::string& path);
    void note_bluepill_pid(const std::string& name, const spec::App* app);
    void tell_change(const status::Transition& transition);
    void tell_crash_loop(status::Transition notice);
    void rebuild(const std::string& app, const std::string& reason,
                 std::function<void(const Result<void>&)> ended);
    bool may_end();
    [[noreturn]] void succeed_keeper();

    os::Paths paths_;
    LoopPointer loop_;
    std::unique_ptr<os::Spawner> spawner_;
    std::unique_ptr<drivers::KeeperClient> keeper_;
    os::Containment containment_;
    std::unique_ptr<drivers::ScribeClient> scribe_;
    std::unique_ptr<drivers::LogPipes> logs_;
    std::unique_ptr<ChangeLogs> change_logs_;
    BluepillPids bluepill_pids_;
    drivers::PortBook ports_;
    drivers::ProcessIdentities identities_;
    AppStore store_;
    std::unique_ptr<Proxy> proxy_;
    std::string journal_path_;
    std::optional<drivers::Journal> journal_;
    bool journal_incomplete_ = false;  // a write has failed: it is written anew
    bool journal_waits_ = false;       // the latest step is to be written with the next one
    std::optional<core::Manager> manager_;
    Recorder recorder_ = Recorder::from_environment();
    std::unique_ptr<drivers::NotifySockets> notify_;
    std::unique_ptr<drivers::SocketEvents> sockets_;
    std::unique_ptr<drivers::ReadyPipes> ready_;
    std::optional<drivers::PidCommands> pid_commands_;
    std::unique_ptr<drivers::ProcessDriver> processes_;
    std::unique_ptr<drivers::CheckDriver> checks_;
    std::unique_ptr<drivers::TaskRunner> tasks_;  // goes first: what it tells is told to these
    std::unique_ptr<class Deploys> deploys_;
    std::unique_ptr<class Cron> cron_;
    std::unique_ptr<Rebuilds> rebuilds_;
    std::unique_ptr<CrashNotices> crash_notices_;
    std::optional<ProgramWatch> programs_;
    std::unique_ptr<drivers::Alarm> alarm_;
    std::unique_ptr<drivers::Alarm> intent_alarm_;
    std::unique_ptr<drivers::Alarm> end_alarm_;
    std::unique_ptr<drivers::Alarm> tidy_alarm_;
    std::unique_ptr<drivers::Alarm> upgrade_alarm_;
    std::unique_ptr<drivers::Alarm> retry_alarm_;
    std::string upgrade_to_;  // once the alarm rings
    std::size_t events_since_tidy_ = 0;
    bool proxy_moved_ = false;  // nginx has come further since it was asked last
    OperationBook operations_;
    Roles roles_;
    std::uint32_t keeper_version_ = 0;
    bool accounts_looked_up_ = false;
    bool safe_mode_ = false;
    std::string upgrade_note_;
    std::optional<EventSources> event_sources_;
    std::unique_ptr<class JobFiles> job_files_;
    std::unique_ptr<class DaemonBackend> backend_;
    std::optional<api::Server> server_;
    os::UniqueFd api_socket_;
    os::UniqueFd lock_;

    std::deque<core::Event> events_;
    std::deque<core::Event> early_commands_;  // until intent is loaded
    bool intent_loaded_ = false;
    core::OperationId current_operation_ = 0;  // whose command the present step carries out
    std::vector<status::Transition> transitions_;
    std::map<std::string, Warning> warnings_;  // by subject
    TimePoint since_;
    bool end_begun_ = false;
    TimePoint end_by_;
    bool has_ended_ = false;
    std::uint64_t identity_ = 0;
};

}  // namespace reeve::daemon
