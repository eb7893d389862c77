#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/rare.h"
#include "base/time.h"
#include "core/event.h"
#include "core/instance_state.h"
#include "core/job_life.h"
#include "core/live_run.h"
#include "core/restart_policy.h"
#include "core/turn.h"
#include "spec/app.h"
#include "status/instance.h"

namespace reeve::core {

/// Longest patience with a stop-side hook that names no limit of its own: every stop ends.
inline constexpr Duration kStopHookPatience = 60s;
/// Longest patience with a command that a check runs when it fires.
inline constexpr Duration kCheckStepPatience = 60s;
/// What a driver that answers for a check may be late by, beyond the check's own timeout.
inline constexpr Duration kAnswerGrace = 2s;

/// What a check wants that only the manager can do: others of its service are concerned, or what is
/// kept on disk.
struct CheckWish {
    enum class Kind { Restart, Stop, Unmonitor, Recovered };
    Kind kind = Kind::Restart;
    SharedCause cause;
    std::string reason;
};

/// The life of one instance: its goal, its state, its processes, and the rules that move them.
///
/// Goal and state are two variables: commands set the goal, and the state follows as it can. States
/// are values (core/instance_state.h); handlers return the next one, `apply` alone assigns it and
/// records the transition. Processes are LiveRuns; states name them by their part (Main, Hook …),
/// never by RunId, so late news of an older run changes nothing.
///
/// Always so: at most one Main, one Candidate, one Hook. A life starts only when nothing of the one
/// before is left (replaced runs that still retire excepted). Stopped with a goal that is not up
/// means: no process at all.
class Instance {
public:
    /// `service` is inside `app`. Shared: the instance starts its next run from it.
    Instance(InstanceId id, spec::InstanceName name, std::shared_ptr<const spec::App> app,
             const spec::Service* service, status::Goal goal, TimePoint now);

    // ---- What operators want.

    /// Goal up; forgets earlier failures, wakes what waits in back-off.
    void start(Turn& turn, const SharedCause& cause, const std::string& reason);
    /// Goal down, until a start.
    void stop(Turn& turn, const SharedCause& cause, const std::string& reason);
    /// Goal unmonitored: what runs is left alone, and its end changes nothing.
    void unmonitor(Turn& turn, const SharedCause& cause);
    /// Goal up with a new main process: beside the old one where the service overlaps, else after.
    void replace(Turn& turn, const SharedCause& cause, const std::string& reason);
    /// As `replace`, but a replacement beside the old one is held back, once it is ready, until it
    /// is promoted or abandoned. The service must overlap (`may_overlap`).
    void replace_held(Turn& turn, const SharedCause& cause, const std::string& reason);
    /// The held replacement takes the old one's place.
    void promote(Turn& turn, const SharedCause& cause);
    /// The replacement is given up, and the old one stays.
    void abandon(Turn& turn, const SharedCause& cause, const std::string& reason);
    /// Ends everything; the goal stays as it is remembered (turn.shutting_down counts as down).
    void shut_down(Turn& turn, const SharedCause& cause);
    /// Stops, or releases what runs (spec::OnRemove), to be removed; a later start or stop of the
    /// same name takes it back.
    void remove(Turn& turn, const SharedCause& cause, const std::string& reason);
    /// Stops what runs, to be removed, whatever spec::OnRemove says.
    void discard(Turn& turn, const SharedCause& cause, const std::string& reason);
    /// Sends a signal to the main process, one that is being stopped included; false: there is
    /// none. Recorded with its cause, as it may be why the process ends.
    bool signal(Turn& turn, const SharedCause& cause, int signal);
    /// Sends the service's reload signal to the main process alone; false: there is none.
    bool reload(Turn& turn, const SharedCause& cause) const;
    /// The next start uses this spec. `same_process`: what runs now counts as started from it.
    void adopt_spec(std::shared_ptr<const spec::App> app, const spec::Service* service,
                    bool same_process, TimePoint now);
    /// Goal up with a new main process, since a check fired. The restart policy hears of it.
    void restart_for_check(Turn& turn, const SharedCause& cause, const std::string& reason);
    /// What a check that fired in this turn wants of the manager; each is given once.
    Rare<CheckWish> take_wish() { return std::move(wish_); }

    // ---- Jobs: instances whose service has a JobSpec.

    bool is_job() const { return service_->job.has_value(); }
    /// What a job's goal is, as events and commands see it: whether it runs or is on its way there.
    bool is_start_wanted() const;
    /// Whether it is anything but stopped or given up.
    bool has_life() const;
    /// Before `start`: the next life's variables.
    void set_start_variables(spec::Variables variables) { job_.next_variables = variables; }
    /// Before `stop`: what its stop-side hooks get besides.
    void set_stop_variables(spec::Variables variables) { job_.stop_variables = variables; }
    /// A new life after this one, whatever its pre-stop hook says.
    void restart_job(Turn& turn, const SharedCause& cause, const std::string& reason);
    /// What it announced last and is waited for is over.
    void proceed(Turn& turn);
    /// The next life uses this spec; what runs keeps the one it was started with, hooks included.
    void adopt_spec_later(std::shared_ptr<const spec::App> app, const spec::Service* service);
    const JobLife& job_life() const { return job_; }
    /// For operators: changes the variables of the processes that are still to come.
    void change_variables(const spec::Variables& set, const std::vector<std::string>& unset,
                          bool keep_existing);
    status::Phase phase() const;
    status::Direction direction() const;

    // ---- Facts about its runs. The run must be one of its own.

    void granted(Turn& turn, RunId run);  // by the start brake
    void spawned(Turn& turn, const Spawned& fact);
    void executed(Turn& turn, const Executed& fact);
    void spawn_failed(Turn& turn, const SpawnFailed& fact);
    void spawn_overdue(Turn& turn, const SpawnOverdue& fact);
    void exited(Turn& turn, const Exited& fact);
    void emptied(Turn& turn, const RunEmptied& fact);
    void ready(Turn& turn, const Ready& fact);
    void sampled(Turn& turn, const Sampled& fact);
    void notify_said(Turn& turn, const NotifySaid& fact);
    void lost(Turn& turn, const RunLost& fact);
    void main_found(Turn& turn, const MainFound& fact);
    void found_running(Turn& turn, const FoundRunning& fact);
    void nothing_runs(Turn& turn, const NothingRuns& fact);
    /// Something that it needs has changed; `became_ready`: for the better, which also wakes what
    /// is in back-off or given up. Whether anything followed.
    bool need_moved(Turn& turn, bool became_ready, const std::string& reason);
    void time_passed(Turn& turn);
    /// The proxy sends nothing any more to what was replaced or taken away.
    void traffic_gone(Turn& turn);
    /// After a restore: asks again for what would be answered to the daemon before.
    void probe_again(Turn& turn) const;

    // ---- What is seen.

    InstanceId id() const { return id_; }
    const spec::InstanceName& name() const { return name_; }
    const spec::Service& service() const { return *service_; }
    const std::shared_ptr<const spec::App>& app() const { return app_; }
    status::Goal goal() const { return goal_; }
    status::State state() const { return shown_; }
    const std::string& reason() const { return reason_; }
    bool is_removing() const { return removing_; }
    bool is_serving() const { return shown_ == status::State::Running; }
    /// Whether it is to get traffic: it runs, and no readiness check says otherwise.
    bool is_ready() const;
    /// Whether it has come to rest without any process.
    bool is_at_rest() const { return std::holds_alternative<Stopped>(state_) && runs_.empty(); }
    /// Whether a replacement is under way, or what was replaced has not gone yet (nor is stuck).
    bool is_replacing() const;
    /// Whether old and new stand side by side in a replacement.
    bool overlaps() const;
    /// Whether something of it waits for the proxy to let go of it.
    bool awaits_proxy() const;
    /// Whether its replacement is ready and held.
    bool holds_replacement() const;
    /// Whether it serves with a process that was started from its present spec.
    bool serves_present_spec() const;
    /// Why the last replacement came to nothing; empty: it did not.
    std::string replacement_error() const {
        return replacement_error_ ? *replacement_error_ : std::string();
    }
    const std::vector<LiveRun>& runs() const { return runs_; }
    Deadline deadline() const;
    status::Instance status() const;

private:
    friend class InstanceCodec;

    /// What a handler returns: the next state, and why it is entered.
    struct Change {
        LifeState next;
        std::string reason;
        bool noteworthy = false;  // recorded even where the shown state stays the same
    };
    using MaybeChange = std::optional<Change>;

    // instance.cc
    void begin_replace(Turn& turn, const SharedCause& cause, const std::string& reason);
    void apply(Turn& turn, MaybeChange change);
    status::State view() const;
    const LiveRun* find_stuck() const;
    std::string view_reason(status::State seen) const;
    void record(Turn& turn, status::State seen, std::string reason);
    status::Goal wanted(const Turn& turn) const;
    MaybeChange pursue_up(Turn& turn, const std::string& reason);
    MaybeChange pursue_down(Turn& turn, const std::string& reason);
    MaybeChange replace_running(Turn& turn, const std::string& reason);
    MaybeChange run_due(Turn& turn, LiveRun& run);
    MaybeChange state_due(Turn& turn);
    Deadline state_deadline() const;

    // instance_runs.cc
    LiveRun* find(RunId run);
    const LiveRun* find(RunPart part) const;
    LiveRun* find(RunPart part);
    void spawn(Turn& turn, RunRole role, RunPart part, int port_slot);
    void spawn(Turn& turn, LiveRun run);
    void spawn_for_check(Turn& turn, const LiveRun& of, RunRole role, RunPart part,
                         const CheckCommand& command);
    LiveRun* find_main(RunId run);
    void send_spawn(Turn& turn, LiveRun& run);
    void forget_run(Turn& turn, RunId run);
    bool release_processes(Turn& turn);
    void leave(Turn& turn, RunPart from, RunPart to);
    bool starts_again(const Turn& turn, const AfterEnd& after) const;
    void leave_all(Turn& turn, const AfterEnd& after);
    bool is_cleared(const Turn& turn, const AfterEnd& after) const;
    MaybeChange run_gone(Turn& turn, const LiveRun& run, const Exited& fact);
    MaybeChange run_left(Turn& turn);

    // instance_launch.cc
    MaybeChange begin_start(Turn& turn, std::string reason);
    Launch begin_launch(Turn& turn, RunPart part);
    MaybeChange launch_main(Turn& turn);
    const Launch* launch() const;
    MaybeChange with_launch(Launch next, std::string reason) const;
    MaybeChange launch_executed(Turn& turn);
    MaybeChange launch_settled(Turn& turn, const std::string& how);
    Launch begin_own_launch(Turn& turn, RunPart part);
    MaybeChange readiness_met(Turn& turn, const std::string& how);
    MaybeChange launch_ready(Turn& turn, const std::string& how);
    MaybeChange launch_done(Turn& turn, TimePoint ready_since, const std::string& how);
    MaybeChange launch_failed(Turn& turn, const End& end, const std::string& reason);
    MaybeChange readying_due(Turn& turn);
    MaybeChange begin_replacement(Turn& turn, const std::string& reason);
    MaybeChange try_waiting_replacement(Turn& turn);
    MaybeChange promote_after_death(Turn& turn, const std::string& reason);
    MaybeChange promote_held_after_death(Turn& turn, const std::string& reason);
    void take_over(LiveRun& fresh);
    bool awaits_needs() const;
    bool has_retiring() const;
    bool retiring_is_stuck() const;
    bool holds_slot(int slot) const;
    std::optional<int> spare_slot() const;
    int candidate_slot() const;
    bool drain(Turn& turn, LiveRun& run) const;
    bool drains_first(const Turn& turn) const;

    // instance_tracking.cc
    bool awaits_main(const LiveRun& run) const;
    bool has_restart_command() const;
    MaybeChange begin_settling(Turn& turn, LiveRun& main);
    MaybeChange settling_due(Turn& turn);
    bool follow_heir(Turn& turn, const Exited& fact);
    bool await_daemon(Turn& turn, const Exited& fact);
    MaybeChange follow(Turn& turn, LiveRun& run, const ProcessId& process);
    MaybeChange begin_restart_command(Turn& turn, const std::string& reason);
    MaybeChange restart_commanded(Turn& turn, bool ok, const std::string& problem);
    MaybeChange restart_command_due(Turn& turn);
    MaybeChange restarted_by_command(const Turn& turn, const std::string& reason) const;
    // instance_checks.cc
    void settle_checks(Turn& turn);
    CheckPhase wanted_phase(const LiveRun& run) const;
    MaybeChange check_due(Turn& turn, LiveRun& run);
    MaybeChange take_sample(Turn& turn, RunId of, std::uint32_t index, std::uint64_t number,
                            Sample sample);
    MaybeChange startup_judged(Turn& turn, const LiveRun& run, std::uint32_t index, bool fires);
    MaybeChange check_fired(Turn& turn, LiveRun& run, std::uint32_t index);
    bool carry_out_steps(Turn& turn, const LiveRun& of, std::uint32_t index, const CheckWish& wish);
    MaybeChange check_recovered(Turn& turn, const LiveRun& run, std::uint32_t index);
    MaybeChange probe_ended(Turn& turn, const LiveRun& probe, Sample sample);
    void kill_idle_probes(Turn& turn);
    void record_signal(Turn& turn, const SharedCause& cause, int signal) const;
    SharedCause check_cause(Turn& turn, const std::string& text) const;
    void ask_again(Turn& turn) const;
    std::vector<status::Check> checks_seen() const;

    // instance_end.cc
    MaybeChange main_ended(Turn& turn, const LiveRun& run, const status::Exit& exit);
    MaybeChange hook_ended(Turn& turn, const LiveRun& hook, const HookEnd& end);
    MaybeChange pre_start_ended(Turn& turn, const LiveRun& hook, const HookEnd& end);
    MaybeChange post_start_ended(Turn& turn, const HookEnd& end);
    MaybeChange end_running(Turn& turn, AfterEnd after, const std::string& reason);
    MaybeChange command_or_ladder(Turn& turn, AfterEnd after, const std::string& reason);
    MaybeChange wind_down(Turn& turn, AfterEnd after, const std::string& reason);
    MaybeChange send_away(Turn& turn, AfterEnd after, const std::string& reason);
    MaybeChange after_cleared(Turn& turn, AfterEnd after);
    MaybeChange conclude(Turn& turn, const AfterEnd& after);
    void note_exit(const Turn& turn, const status::Exit& exit);

    // instance_job.cc
    void announce(Turn& turn, const char* moment, bool is_waited_for) const;
    void finish_job(Turn& turn, bool failed) const;
    void fail_job(Turn& turn, const std::string& process, const std::optional<status::Exit>& exit);
    void judge_job(Turn& turn, const Decision& decision, const End& end);
    bool has_main_process() const;
    bool must_end(const Turn& turn) const;
    bool is_end_announced() const;
    bool waits_for_hook(const Turn& turn) const;
    void limit_patience(const Turn& turn);
    void forget_queued(Turn& turn);
    MaybeChange announce_start(Turn& turn, std::string reason);
    MaybeChange announce_end(Turn& turn, AfterEnd after, const std::string& reason);
    MaybeChange turned_back(Turn& turn);
    MaybeChange leave_rest(Turn& turn, const std::string& reason);
    MaybeChange come_to_rest(Turn& turn, LifeState rest, std::string reason);
    MaybeChange main_ended_under_hook(Turn& turn, const End& end, const std::string& reason);
    MaybeChange pre_stop_ended(Turn& turn);
    void adopt_pending_spec();
    void adopt_spec_for_restart();
    Duration hook_patience(const Turn& turn, const LiveRun& run) const;

    InstanceId id_;
    spec::InstanceName name_;
    std::shared_ptr<const spec::App> app_;
    const spec::Service* service_;
    status::Goal goal_;
    bool removing_ = false;
    bool holding_ = false;   // a ready replacement waits for `promote`
    bool launched_ = false;  // something of this life was spawned: post-stop is due at its end
    int port_slot_ = 0;
    int last_pid_ = 0;
    std::uint32_t restarts_ = 0;
    LifeState state_ = Stopped{};
    std::vector<LiveRun> runs_;
    RestartPolicy policy_;
    std::optional<status::Exit> last_exit_;
    Rare<std::string> replacement_error_;
    JobLife job_;
    std::shared_ptr<const spec::App> pending_app_;    // of the next life; nullptr: as this one
    const spec::Service* pending_service_ = nullptr;  // inside it

    status::State shown_ = status::State::Stopped;
    TimePoint since_;  // of shown_
    std::string reason_;
    SharedCause cause_;
    Rare<CheckWish> wish_;  // until the end of the turn
};

/// Old and new side by side need a service whose stop is its ladder only: stop-side hooks and
/// commands speak of the instance, which does not stop here. A pid file names one process.
bool may_overlap(const spec::Service& service);

/// `exited with code 1`, `killed by SIGSEGV`, `ended with unknown status`.
std::string describe(const status::Exit& exit);

}  // namespace reeve::core
