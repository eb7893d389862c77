#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "core/action.h"
#include "core/event.h"
#include "drivers/child_plan.h"
#include "drivers/emptiness_watch.h"
#include "drivers/keeper_client.h"
#include "drivers/log_pipes.h"
#include "drivers/loop.h"
#include "drivers/main_finder.h"
#include "drivers/main_watch.h"
#include "drivers/notify_sockets.h"
#include "drivers/pid_commands.h"
#include "drivers/port_book.h"
#include "drivers/process_ends.h"
#include "drivers/process_identities.h"
#include "drivers/readiness_probe.h"
#include "drivers/ready_pipes.h"
#include "os/containment.h"
#include "os/group_limits.h"
#include "os/spawner.h"
#include "os/start_clock.h"

namespace reeve::drivers {

/// What the process driver works with. All of it must outlive the driver.
struct ProcessDriverParts {
    event_base* loop = nullptr;
    os::Containment& containment;
    os::Spawner& spawner;
    KeeperClient& keeper;
    LogPipes& logs;
    PortBook& ports;
    ProcessIdentities& identities;
    NotifySockets& notify;
    ReadyPipes& ready;
    PidCommands& pid_commands;
    EventSink sink;
    /// The descriptors that a service's main process is passed: numbers of Spawner::lend.
    std::function<std::vector<int>(const spec::Service&)> passed_fds = {};
};

/// Performs the core's actions on processes, and tells the core what becomes of them.
///
/// Every run is a sibling of reeved, a child of the keeper: its end shows on its pidfd, its status
/// is read from the zombie, and it is reaped by the keeper after the core has recorded it.
class ProcessDriver {
public:
    static Result<std::unique_ptr<ProcessDriver>> create(ProcessDriverParts parts);
    ~ProcessDriver();

    void perform(const core::SpawnRun& action);
    void perform(const core::InspectSpawn& action);
    void perform(const core::ProbeReadiness& action);
    void perform(const core::SignalRun& action);
    void perform(const core::KillRun& action);
    void perform(const core::WatchEmpty& action);
    void perform(const core::ReapRun& action);
    void perform(const core::ReleaseRun& action);
    void perform(const core::AdoptRun& action);
    void perform(const core::FollowProcess& action);
    void perform(const core::AwaitMain& action);
    void perform(const core::LookForRunning& action);

    /// The keeper has an ended child that is to be reaped; `status` as waitpid(2) gives it.
    void child_ended(pid_t pid, int status);

    /// An instance is no more, and none of its runs.
    void forget_instance(const spec::InstanceName& instance);

    /// The live processes of a run.
    std::vector<pid_t> members(core::RunId id) const;

    /// The limits on a run's group and on its processes, each with the reason if it is not
    /// applied.
    std::vector<std::string> limits_of(core::RunId id) const;

    /// At the end: nobody comes any more for the groups that wait for a next run.
    void remove_all_vacant_groups();

    /// Users are looked up anew from now on.
    void forget_users() { planner_.forget_users(); }

private:
    struct Run;
    explicit ProcessDriver(ProcessDriverParts parts);
    Run* find(core::RunId run);
    Result<std::unique_ptr<os::PendingSpawn>> spawn(const core::SpawnRun& action, Run& run);
    Result<os::RunGroup> group_for(core::RunId id, Run& run);
    bool is_as_new(core::RunId id, const Run& run) const;
    void vacate(core::RunId id, Run& run);
    void remove_vacant_groups();
    void remove_vacant_group(const std::string& instance);
    void note_process(core::RunId id, const Run& run);
    void list_found_groups();
    /// Whose the groups are that were handed on.
    struct HandedOn {
        struct To {
            core::RunId named = 0;  // the run that the group was made for
            std::uint64_t begun_ticks = 0;
        };
        std::unordered_map<core::RunId, To> by_run;
        std::unordered_set<core::RunId> former;  // whose own is another's now
    };
    const HandedOn& handed_on();
    void remove_group(const std::string& instance, const std::string& named, bool is_limited);
    void find_group(core::RunId id, Run& run);
    void remove_left_groups();
    std::vector<std::string> limit(core::RunId id, Run& run);
    Result<os::UniqueFd> output_of(const core::SpawnRun& action, Run& run);
    void watch_process(core::RunId id, Run& run);
    void read_spawn_news(core::RunId id);
    void process_ended(core::RunId id);
    void finish_spawn(core::RunId id, Run& run);
    void report_end(core::RunId id, Run& run, status::Exit exit);
    void tell_end(core::RunId id, std::vector<core::Heir> heirs);
    void signal_group(const Run& run, core::RunId id, int signal) const;
    void write_own_pid_file(const Run& run) const;
    TrackedRun tracked(const Run& run, core::RunId id) const;
    void look_for_running(core::RunId id, std::unique_ptr<Run> run, std::optional<pid_t> told);
    uid_t uid_of(const spec::Service& service);
    std::unique_ptr<Run> adopted_run(const core::AdoptRun& action);
    bool is_its_own(core::RunId id, Run& run);
    void adopt_unknown(const core::AdoptRun& action);
    void adopt(core::RunId id, Run& run, bool executed);
    bool is_exec_settled(core::RunId id);
    void look_for_execs();
    /// What a reeved before this one has spawned, as it is found during adoption.
    struct Spawned {
        std::map<std::string, std::vector<pid_t>> by_group;
        std::map<std::string, pid_t> by_name;
        bool is_one_nameless = false;
    };
    Spawned look_for_spawned() const;
    Spawned look_once_for_spawned() const;
    pid_t find_spawned(const Run& run, core::RunId id);
    void tell_failure(core::RunId id, const std::string& stage, int error);

    ProcessDriverParts parts_;
    ChildPlanner planner_;
    os::GroupLimiter limiter_;
    bool reads_statuses_;
    os::StartClock start_clock_;
    std::unique_ptr<ProcessEnds> ends_;  // before the runs, which it watches
    std::unordered_map<core::RunId, std::unique_ptr<Run>> runs_;
    std::unordered_map<pid_t, core::RunId> by_pid_;
    /// A group whose run has ended, and which nobody is in.
    struct VacantGroup {
        core::RunId named = 0;  // the run that it was made for
        TimePoint since;
        spec::GroupLimits limits;
    };
    std::unordered_map<std::string, VacantGroup> vacant_groups_;  // by instance
    std::unique_ptr<EmptinessWatch> emptiness_;
    std::unique_ptr<ReadinessProbe> readiness_;
    MainFinder finder_;
    std::unique_ptr<MainWatch> mains_;
    std::unique_ptr<Alarm> exec_alarm_;
    std::unique_ptr<Alarm> vacancy_alarm_;
    std::vector<core::RunId> awaiting_exec_;
    std::optional<Spawned> spawned_;  // during adoption
    /// The groups that a reeved before this one has made; during adoption.
    std::optional<std::vector<os::Containment::FoundGroup>> found_groups_;
    std::optional<HandedOn> handed_on_;  // during adoption, where it was not all noted
};

/// A waitpid(2) status as the core knows it.
status::Exit to_exit(int wait_status);

}  // namespace reeve::drivers
