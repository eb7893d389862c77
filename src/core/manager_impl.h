#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/event_table.h"
#include "core/formation.h"
#include "core/instance.h"
#include "core/manager.h"
#include "core/operations.h"
#include "core/reload_plan.h"
#include "core/rollout.h"
#include "core/scale_plan.h"
#include "core/snapshot.h"
#include "core/start_brake.h"
#include "core/turn.h"

namespace reeve::core {

/// What a roll-out is carried out for.
struct RollingOrder {
    SharedCause cause;
    std::string reason;  // `restart asked for`
};

/// An instance and what its manager knows about it besides.
struct Member {
    Instance life;
    std::vector<Wait> waits;     // of operations in flight
    std::vector<EventId> holds;  // events that started or stop this job, until it is there
    Latches stop_latches;        // what has come of its `stop on`
    /// The service whose `stop on` that is: another one begins anew. Only compared.
    const spec::Service* listens_as = nullptr;
    EventId announcement = 0;  // the event that the job waits for the end of
    bool orphaned = false;     // its job is no longer configured: gone with this life
    Rolling rolling = Rolling::None;
    Rare<RollingOrder> order;                  // while rolling is Todo
    bool by_check = false;                     // it is rolled since a check fired
    Deadline indexed;                          // as it stands in the manager's order of deadlines
    bool touched = false;                      // waits in line to be settled
    bool dirty = false;                        // its record is out of date
    std::optional<status::State> noted_state;  // as its dependents were told
    status::Goal noted_goal = status::Goal::Down;
    bool noted_ready = false;

    explicit Member(Instance instance) : life(std::move(instance)) {}
};

/// The instances of one service, by index and key.
struct ServiceState {
    std::optional<std::uint32_t> scaled;  // by an operator
    Latches start_latches;                // what has come of a job's `start on`
    std::map<Formation::Member, std::unique_ptr<Member>> members;
    bool rolling = false;
    bool advance_due = false;  // waits in line to have its roll-out advanced
};

/// A load that is all or nothing, while old and new stand side by side (manager_switch.cc).
struct Switch {
    std::shared_ptr<const spec::App> before;  // what is gone back to if anything new fails
    OperationId operation = 0;
    SharedCause cause;
};

/// An app and what belongs to it.
struct AppState {
    std::shared_ptr<const spec::App> app;  // shared with every run started from it
    std::optional<Switch> switching;
    bool switch_due = false;  // waits in line to be looked at
    std::map<std::string, ServiceState> services;
    bool unloading = false;
    spec::Variables job_variables;  // below the environment of every job; by operators
};

/// A shutdown that waits until all jobs were told of it.
struct Farewell {
    EventId event = 0;
    OperationId operation = 0;
    SharedCause cause;
    TimePoint until;
};

/// What is told one after the other, and the one that is waited for just now.
struct SequenceState {
    std::deque<spec::NamedEvent> rest;
    std::string source;
    EventId current = 0;
    Deadline until;
};

/// The manager's parts. Commands in manager_commands.cc, loading and scaling in manager_load.cc,
/// roll-outs and operations in manager_settle.cc, the journal in manager_journal.cc.
///
/// Every handler changes members and `touch`es them; `settle` then draws the consequences until
/// there are none left: deadlines, records, operations, roll-outs, removals, the start brake.
class Manager::Impl : private NeedsView {
public:
    explicit Impl(ManagerSettings settings);

    void handle(const Event& event, TimePoint now, Actions& out);
    Deadline deadline() const;
    void take_changes(std::vector<Record>& out);
    void performed(std::vector<Record>& out);
    void all_records(std::vector<Record>& out) const;
    Result<void> restore(const std::vector<Record>& records, TimePoint now, Actions& out);

    void visit_instances(const std::vector<spec::Target>& targets,
                         const std::function<void(status::Instance&)>& visit) const;
    std::vector<status::App> apps() const;
    Result<status::Jobs> jobs(const status::JobQuery& query) const;
    std::shared_ptr<const spec::App> find_app(const std::string& name) const;
    std::vector<std::string> draining_apps();
    bool is_shutting_down() const { return shutting_down_; }
    bool shut_down() const { return shutting_down_ && runs_.is_empty(); }

private:
    // manager.cc: events
    Turn make_turn(TimePoint now, Actions& out);
    template <typename Fact>
    void fact(Turn& turn, const Fact& fact, void (Instance::*handler)(Turn&, const Fact&));
    void time_passed(Turn& turn);
    void traffic_gone(Turn& turn, const TrafficGone& fact);
    void touch(Member& member);
    void reindex(Member& member);
    Member& member_of(InstanceId id) { return *by_id_.at(id); }

    /// In the order of their names.
    template <typename Visit>
    void for_each_member(Visit visit) const {
        for (const auto& [app_name, app] : apps_) {
            for (const auto& [service_name, service] : app.services) {
                for (const auto& [key, member] : service.members)
                    visit(*member);
            }
        }
    }

    // manager_commands.cc
    void command(Turn& turn, const Command& command);
    void run_command(Turn& turn, OperationId id, const SharedCause& cause, const Start& start);
    void run_command(Turn& turn, OperationId id, const SharedCause& cause, const Stop& stop);
    void run_command(Turn& turn, OperationId id, const SharedCause& cause, const Restart& restart);
    void run_command(Turn& turn, OperationId id, const SharedCause& cause, const Signal& signal);
    void run_command(Turn& turn, OperationId id, const SharedCause& cause, const Reload& reload);
    void run_command(Turn& turn, OperationId id, const SharedCause& cause,
                     const Unmonitor& command);
    void run_command(Turn& turn, OperationId id, const SharedCause& cause, const Shutdown& command);
    void run_command(Turn& turn, OperationId id, const SharedCause& cause, const LoadApp& load);
    void run_command(Turn& turn, OperationId id, const SharedCause& cause, const UnloadApp& unload);
    void run_command(Turn& turn, OperationId id, const SharedCause& cause, const Scale& scale);
    void run_command(Turn& turn, OperationId id, const SharedCause& cause, const Emit& emit);
    void run_command(Turn& turn, OperationId id, const SharedCause& cause, const JobCommand& job);
    void run_command(Turn& turn, OperationId id, const SharedCause& cause, const SetVariables& set);
    void refuse(Turn& turn, OperationId id, Refusal refusal, const std::string& message);
    std::optional<std::vector<Member*>> select(Turn& turn, OperationId id,
                                               const std::vector<spec::Target>& targets);
    void accept(const Turn& turn, OperationId id, const std::string& verb,
                const std::vector<Member*>& members);
    void name_waiting(OperationId id, AppState& app);
    void wait(Member& member, OperationId id, Expect expect);
    void persist_formations(Turn& turn, const std::vector<Member*>& members);
    void persist_formation(Turn& turn, const AppState& app);
    Formation formation_of(const AppState& app) const;

    // manager_events.cc: how events are told, held and over
    EventId emit(spec::NamedEvent event, const SharedCause& cause);
    bool hear_news(Turn& turn);
    bool conclude_event(Turn& turn);
    bool handle_next_event(Turn& turn);
    void tell_job(Turn& turn, EventId id, AppState& app, const std::string& service);
    void hear_stop(Turn& turn, EventId id, Member& member);
    void hear_start(Turn& turn, EventId id, AppState& app, const spec::Service& service,
                    ServiceState& state);
    void start_by_events(Turn& turn, EventId id, AppState& app, const spec::Service& service,
                         ServiceState& state);
    spec::Variables variables_of(const std::vector<EventId>& events, const std::string& list) const;
    void hold(Member& member, const std::vector<EventId>& events);
    void hold_latched(EventId id, std::size_t leaves);
    void reset_latches(Latches& latches);
    void refresh_listeners();
    void happened(Turn& turn, const Happened& fact);
    void begin_sequence(Turn& turn, const EventSequence& sequence);
    void advance_sequence(Turn& turn);
    void events_due(Turn& turn);
    Deadline events_deadline() const;

    // manager_jobs.cc: starting and stopping jobs
    Result<std::string> job_key(const spec::App& app, const spec::Service& service,
                                const spec::Variables& variables) const;
    Result<std::string> named_key(const AppState& app, const std::string& job,
                                  const spec::Variables& variables) const;
    Member* find_job(AppState& app, const std::string& job, const std::string& key) const;
    Member& obtain_job(Turn& turn, AppState& app, const spec::Service& service,
                       const std::string& key);
    void start_job(Turn& turn, OperationId id, const SharedCause& cause, Member& member,
                   const spec::Variables& variables);
    void stop_job(Turn& turn, OperationId id, const SharedCause& cause, Member& member,
                  const spec::Variables& variables);
    void restart_job(Turn& turn, OperationId id, const SharedCause& cause, Member& member,
                     const spec::Variables& variables);
    void begin_job_start(Turn& turn, OperationId id, const SharedCause& cause, Member& member,
                         const spec::Variables& variables);
    void begin_job_stop(Turn& turn, OperationId id, const SharedCause& cause, Member& member,
                        const spec::Variables& variables);
    void begin_job_restart(Turn& turn, OperationId id, const SharedCause& cause, Member& member,
                           const spec::Variables& variables);
    void reload_job(Turn& turn, OperationId id, const SharedCause& cause, Member& member);
    void release_events(Member& member, bool failed);
    void finish_job(Turn& turn, Member& member, bool failed);
    void settle_job(Turn& turn, Member& member);
    bool leaves_with_its_life(const Member& member) const;
    void load_job(Turn& turn, AppState& app, const spec::Service& service);
    void reload_jobs(Turn& turn, const SharedCause& cause, AppState& app, const spec::App& before,
                     const std::string& service);
    void change_kind(Turn& turn, OperationId id, const SharedCause& cause, AppState& app,
                     const spec::Service& service, bool up);
    bool has_jobs() const;
    void say_farewell(Turn& turn, OperationId id, const SharedCause& cause,
                      const spec::NamedEvent& event);
    void stop_everything(Turn& turn, OperationId id, const SharedCause& cause);
    void end_farewell(Turn& turn);

    // manager_explain.cc
    status::Hearing hearing_of(const spec::EventExpr& expr, const Latches& latches) const;
    void add_environments(const AppState& app, const ServiceState& state, status::Job& job) const;
    status::JobInstance job_instance_of(const Member& member) const;
    status::Job job_of(const std::string& app, const std::string& name, const spec::JobSpec* spec,
                       const ServiceState& state) const;

    // manager_load.cc
    void restore_app(Turn& turn, const RestoreApp& restored);
    void load_new(Turn& turn, OperationId id, const SharedCause& cause, const LoadApp& load);
    void reload(Turn& turn, OperationId id, const SharedCause& cause, AppState& app,
                const LoadApp& load);
    void reload_member(Turn& turn, OperationId id, const SharedCause& cause, Member& member,
                       const AppState& app, ServiceChange change);
    void scale_service(Turn& turn, OperationId id, const SharedCause& cause, AppState& app,
                       const spec::Service& service, status::Goal goal);
    Member& add_member(Turn& turn, AppState& app, const spec::Service& service,
                       const Formation::Member& key, status::Goal goal);
    std::vector<Member*> members_of(AppState& app) const;
    bool is_down(const AppState& app) const;
    void erase_app_if_empty(const std::string& name);

    // manager_switch.cc
    bool is_held(const Member& member) const;
    std::string missing_in_vain(const Member& member) const;
    void begin_switch(Turn& turn, OperationId id, const SharedCause& cause, AppState& app,
                      const LoadApp& load);
    void join_switch(Turn& turn, AppState& app, Member& member, ServiceChange change);
    void add_to_switch(Turn& turn, AppState& app, const spec::Service& service);
    void look_at_switch(AppState& app);
    void advance_switches(Turn& turn);
    void advance_switch(Turn& turn, AppState& app);
    void commit_switch(Turn& turn, AppState& app);
    void abort_switch(Turn& turn, AppState& app, const std::string& problem);
    void go_back(Turn& turn, AppState& app, const Switch& over, Member& member);
    void settle_switched(Turn& turn, AppState& app, OperationId id,
                         const std::optional<std::string>& problem);

    // manager_settle.cc
    void settle(Turn& turn);
    bool settle_next(Turn& turn);
    bool admit_next(Turn& turn);
    void advance_rolled(Turn& turn);
    void settle_member(Turn& turn, Member& member);
    void settle_waits(Turn& turn, Member& member);
    std::optional<std::optional<std::string>> assess(const Turn& turn, const Member& member,
                                                     Expect expect) const;
    void remove_member(Turn& turn, Member& member);
    void begin_rolling(Member& member, const SharedCause& cause, const std::string& reason);
    void advance_rollout(Turn& turn, ServiceState& service);
    void judge_active(Turn& turn, ServiceState& service, Member& member);
    void finish_rolling(Turn& turn, Member& member, Rolling next,
                        const std::optional<std::string>& problem);
    void abort_rollout(Turn& turn, ServiceState& service, const Member& culprit);
    ServiceState& service_of(const Member& member);

    // manager_needs.cc
    using NeedKey = std::pair<std::string, std::string>;  // app and service, or no service
    std::optional<MissingNeed> missing(const spec::App& app,
                                       const spec::Service& service) const override;
    std::optional<MissingNeed> missing_service(const AppState& app, const std::string& name) const;
    std::optional<MissingNeed> missing_app(const AppState& app) const;
    std::string find_need_cycle(const spec::App& fresh) const;
    void index_needs(const std::string& name);
    void tell_dependents(Turn& turn, Member& member);
    void move_dependents(Turn& turn, const spec::InstanceName& name, bool became_ready);

    // manager_checks.cc
    void follow_check(Turn& turn, Member& member, const CheckWish& wish);
    void restart_for_check(Turn& turn, Member& member, const CheckWish& wish);

    // manager_journal.cc
    std::string write_manager() const;
    void write_app(const std::string& name, std::vector<Record>& out) const;
    void write_member(const Member& member, std::vector<Record>& out) const;
    void write_operation(OperationId id, std::vector<Record>& out) const;
    bool read_manager(const std::string& value);
    bool read_app(const std::string& value);
    bool read_record(const Record& record);
    bool read_member(InstanceId id, ByteReader& reader);
    std::string write_event_state() const;
    bool read_event_state(const std::string& value);
    void write_event(EventId id, std::vector<Record>& out) const;
    bool count_holders();
    void rejoin(Turn& turn, Member& member);
    bool replay_outbox(Turn& turn, const std::string& value);
    Result<void> read_records(const std::vector<Record>& records);

    ManagerSettings settings_;
    Random random_;
    StartBrake brake_;
    RunTable runs_;
    SpecTable specs_;
    OperationTable operations_;
    std::map<std::string, AppState> apps_;
    std::map<NeedKey, std::set<std::pair<std::string, std::string>>> needed_by_;
    std::map<std::string, std::vector<NeedKey>> needs_of_;  // by app
    std::unordered_map<InstanceId, Member*> by_id_;
    std::set<std::pair<TimePoint, InstanceId>> deadlines_;
    EventTable events_;
    JobNews news_;
    /// Which jobs have leaves of an event's name: app and service. May name too many, never too
    /// few, as long as it is not stale.
    std::map<std::string, std::set<std::pair<std::string, std::string>>> listeners_;
    bool listeners_stale_ = true;
    std::set<std::string> draining_;  // apps that may wait for TrafficGone
    SequenceState sequence_;
    std::optional<Farewell> farewell_;
    Deadline events_paused_until_;  // too many of one turn; the rest goes on then
    std::vector<InstanceId> touched_;
    std::vector<std::pair<std::string, std::string>> rolled_;  // app and service
    std::vector<std::string> switches_due_;                    // apps
    std::uint64_t last_cause_ = 0;
    InstanceId last_instance_ = 0;
    bool shutting_down_ = false;

    // What the journal has not seen yet.
    std::vector<InstanceId> dirty_;
    std::vector<InstanceId> erased_;
    std::set<std::string> dirty_apps_;
    std::string written_numbers_;
    std::string written_event_state_;
    Actions outbox_;           // since the last take_changes
    Actions kept_outbox_;      // of that take_changes: being performed
    bool has_outbox_ = false;  // the journal has a record of them
};

}  // namespace reeve::core
