#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "core/action.h"
#include "core/event.h"

namespace reeve::sim {

/// How one run will behave, decided when it is spawned.
struct Behaviour {
    int clone_error = 0;  // the clone itself fails
    int exec_error = 0;   // a step before exec fails, after spawn_delay
    std::optional<Duration> spawn_delay =
        Duration{};                      // until executed; nullopt: hangs until killed
    std::optional<Duration> dies_after;  // by itself, after exec
    status::Exit exit = status::ExitCode{0};
    bool leaves_others = false;           // when its main process ends
    std::optional<Duration> others_live;  // nullopt: until killed
    std::optional<Duration> obeys_after;  // a signal of the ladder; nullopt: ignores them
    std::optional<Duration> ready_after;  // after exec; nullopt: never answers on its port
    Duration kill_delay{};                // SIGKILL takes this long (a process in D state)
    int forks = 0;                        // how often its main process forks away, ending well
    Duration forks_after{};               // each time after so long
    Duration named_after{};               // the pid file names the new one so long after the fork
    bool stops_itself = false;            // with SIGSTOP, after ready_after
    bool runs_already = false;            // LookForRunning finds it
    std::optional<Duration> sick_after;   // after exec: its samples fail from then on
    std::optional<Duration> well_after;   // and from then on they pass again
    Duration answer_delay{};              // of a sample
    bool hangs = false;                   // its samples are never answered
};

/// A process tree as the kernel has it. It outlives every daemon.
struct Process {
    core::RunId run = 0;
    core::RunRole role = core::RunRole::Main;
    spec::InstanceName instance;
    int port_slot = 0;
    core::ProcessId id;
    Behaviour behaviour;
    TimePoint spawned_at;
    Duration spawn_timeout{};
    bool has_startup_checks = false;  // its readiness is not told before they have passed
    bool executed = false;
    bool main_alive = false;
    bool others_alive = false;
    core::ProcessId heir;      // forked away from the main process, and not followed yet
    TimePoint named_at;        // from then on the pid file has the heir
    bool in_pid_file = false;  // who the main process is stands in a pid file
    int forks_left = 0;
    bool ending = false;  // somebody asked it to end
    bool reaped = false;
    std::optional<TimePoint> ready_at;
    TimePoint executed_at;
    status::Exit exit;

    /// Whether a sample that is taken now passes.
    bool is_well(TimePoint now) const;

    bool is_alive() const { return main_alive || others_alive; }
};

/// The kernel, and the drivers of the daemon that lives just now: performs actions, and hands out
/// the facts that follow from them. `kill_daemon` loses what only drivers knew.
class World {
public:
    using Decide = std::function<Behaviour(const core::SpawnRun&)>;

    explicit World(Decide decide) : decide_(std::move(decide)) {}

    /// Performs an action about runs; others are ignored.
    void perform(const core::Action& action, TimePoint now);

    /// When something happens next by itself.
    Deadline next_occurrence() const;
    /// Lets everything happen that is due.
    void advance(TimePoint now);

    /// The next fact for the core, oldest first; nullopt: none.
    std::optional<core::Event> take_fact();
    /// Facts of another run than the first one's may overtake it.
    void shuffle_facts(std::uint64_t choice);
    bool has_facts() const { return !facts_.empty(); }
    /// Whether the news that a run is ready is on its way.
    bool is_telling_ready(core::RunId run) const;
    /// Whether it was asked for the run's next main process.
    bool is_awaited(core::RunId run) const { return awaited_.contains(run); }

    /// The daemon dies: facts on their way, watches and probes are lost.
    void kill_daemon();

    /// Lets the main process end as if by itself.
    void end_main(core::RunId run, const status::Exit& exit, bool leaves_others, TimePoint now);

    /// Lets the main process end well, after it has left another one in its place.
    void hand_over(core::RunId run, TimePoint now);

    const std::map<core::RunId, Process>& processes() const { return processes_; }
    const Process* find(core::RunId run) const;

    /// Broken promises of the core that only the world can see; empty: none so far.
    const std::string& complaint() const { return complaint_; }

private:
    enum class What { Exec, MainDies, OthersDie, ReadyNow, Forks, Named, Answer };
    struct Occurrence {
        core::RunId run = 0;
        What what = What::Exec;
        status::Exit exit;
        std::uint32_t check = 0;   // Answer
        std::uint64_t number = 0;  // Answer
    };

    void spawn(const core::SpawnRun& action, TimePoint now);
    void signal(core::RunId run, int signal, spec::SignalScope scope, TimePoint now);
    void kill(core::RunId run, TimePoint now);
    void reap(core::RunId run);
    void let_go(core::RunId run);
    void adopt(const core::AdoptRun& action, TimePoint now);
    void look(const core::LookForRunning& action, TimePoint now);
    void look_again(Process& process, TimePoint now);
    void follow(const core::FollowProcess& action, TimePoint now);
    void fork(Process& process, TimePoint now);
    void tell_main(const Process& process, TimePoint now);
    core::Exited end_of(const Process& process, TimePoint now) const;
    void begin_life(Process& process, TimePoint now);
    void sample(const core::SampleCheck& action, TimePoint now);
    void answer(const Occurrence& occurrence, TimePoint now);
    void happen(const Occurrence& occurrence, TimePoint now);
    void executed(Process& process, TimePoint now);
    void main_dies(Process& process, const status::Exit& exit, TimePoint now);
    void tell_if_empty(const Process& process);
    void tell_if_ready(const Process& process, TimePoint now);
    void tell(core::RunId run, core::Event fact);
    void complain(const std::string& text);
    void schedule(TimePoint at, const Occurrence& occurrence);

    Decide decide_;
    std::map<core::RunId, Process> processes_;
    std::multimap<TimePoint, Occurrence> schedule_;
    int last_pid_ = 1000;
    std::string complaint_;

    // Of the drivers: lost with the daemon.
    std::deque<std::pair<core::RunId, core::Event>> facts_;
    std::set<core::RunId> known_;
    std::set<core::RunId> watched_;
    std::set<core::RunId> probed_;
    std::set<core::RunId> awaited_;
    std::set<std::pair<core::RunId, std::uint32_t>> asked_;  // samples, by run and check
};

}  // namespace reeve::sim
