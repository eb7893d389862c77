#include "sim/world.h"

#include <errno.h>
#include <signal.h>

#include <algorithm>

namespace reeve::sim {

using core::RunId;

void World::complain(const std::string& text) {
    if (complaint_.empty()) complaint_ = text;
}

void World::schedule(TimePoint at, const Occurrence& occurrence) {
    schedule_.emplace(at, occurrence);
}

const Process* World::find(RunId run) const {
    const auto found = processes_.find(run);
    return found == processes_.end() ? nullptr : &found->second;
}

void World::tell(RunId run, core::Event fact) {
    if (known_.contains(run)) facts_.emplace_back(run, std::move(fact));
}

// ---- What the core asks for.

void World::perform(const core::Action& action, TimePoint now) {
    if (const auto* spawn_run = std::get_if<core::SpawnRun>(&action)) spawn(*spawn_run, now);
    if (const auto* adopt_run = std::get_if<core::AdoptRun>(&action)) adopt(*adopt_run, now);
    if (const auto* kill_run = std::get_if<core::KillRun>(&action)) kill(kill_run->run, now);
    if (const auto* reap_run = std::get_if<core::ReapRun>(&action)) reap(reap_run->run);
    if (const auto* release = std::get_if<core::ReleaseRun>(&action)) let_go(release->run);
    if (const auto* signal_run = std::get_if<core::SignalRun>(&action)) {
        if (signal_run->signal == SIGKILL) return kill(signal_run->run, now);
        signal(signal_run->run, signal_run->signal, signal_run->scope, now);
    }
    if (const auto* watch = std::get_if<core::WatchEmpty>(&action)) {
        watched_.insert(watch->run);
        if (const Process* process = find(watch->run)) tell_if_empty(*process);
    }
    if (const auto* probe = std::get_if<core::ProbeReadiness>(&action)) {
        probed_.insert(probe->run);
        if (const Process* process = find(probe->run)) tell_if_ready(*process, now);
    }
    if (const auto* look_for = std::get_if<core::LookForRunning>(&action)) look(*look_for, now);
    if (const auto* heir = std::get_if<core::FollowProcess>(&action)) follow(*heir, now);
    if (const auto* await = std::get_if<core::AwaitMain>(&action)) {
        awaited_.insert(await->run);
        if (const Process* process = find(await->run)) tell_main(*process, now);
    }
    if (const auto* question = std::get_if<core::SampleCheck>(&action)) sample(*question, now);
    if (const auto* inspect = std::get_if<core::InspectSpawn>(&action)) {
        const Process* process = find(inspect->run);
        if (process == nullptr || !process->main_alive) return;
        if (process->executed) {
            tell(inspect->run, core::Executed{inspect->run});
        } else {
            tell(inspect->run, core::SpawnOverdue{inspect->run, "chdir /mnt/x"});
        }
    }
}

void World::spawn(const core::SpawnRun& action, TimePoint now) {
    if (find(action.run) != nullptr) return complain("a RunId was used twice");
    known_.insert(action.run);
    const Behaviour behaviour = decide_(action);
    if (behaviour.clone_error != 0) {
        return tell(action.run, core::SpawnFailed{action.run, "clone", behaviour.clone_error});
    }
    Process process;
    process.run = action.run;
    process.role = action.role;
    process.instance = action.instance;
    process.port_slot = action.port_slot;
    process.id = core::ProcessId{++last_pid_, static_cast<std::uint64_t>(last_pid_)};
    process.behaviour = behaviour;
    process.spawned_at = now;
    process.spawn_timeout = action.service->spawn_timeout;
    for (const spec::Check& check : action.service->checks) {
        if (check.role == spec::CheckRole::Startup) process.has_startup_checks = true;
    }
    process.main_alive = true;
    process.in_pid_file = std::holds_alternative<spec::TrackPidFile>(action.service->tracking);
    const bool is_main = action.role == core::RunRole::Main;
    process.forks_left = is_main ? behaviour.forks : 0;
    processes_.emplace(action.run, process);
    tell(action.run, core::Spawned{action.run, process.id});
    if (!behaviour.spawn_delay) return;
    const Occurrence exec{action.run, What::Exec, {}};
    if (*behaviour.spawn_delay == Duration{}) {
        happen(exec, now);
    } else {
        schedule(now + *behaviour.spawn_delay, exec);
    }
}

bool Process::is_well(TimePoint now) const {
    const Duration age = now - executed_at;
    const bool sick = behaviour.sick_after && age >= *behaviour.sick_after;
    return !sick || (behaviour.well_after && age >= *behaviour.well_after);
}

void World::sample(const core::SampleCheck& action, TimePoint now) {
    const Process* process = find(action.run);
    if (process == nullptr) return;
    const spec::Check& check = action.service->checks.at(action.check);
    if (std::holds_alternative<spec::ExecProbe>(check.probe)) complain("a command is sampled");
    if (process->role != core::RunRole::Main || !process->executed) {
        complain("what is no main process is sampled");
    }
    const std::pair<RunId, std::uint32_t> question{action.run, action.check};
    asked_.insert(question);
    if (process->behaviour.hangs) return;
    schedule(now + process->behaviour.answer_delay,
             Occurrence{action.run, What::Answer, {}, action.check, action.number});
}

void World::answer(const Occurrence& occurrence, TimePoint now) {
    if (!asked_.contains({occurrence.run, occurrence.check})) return;
    const Process& process = processes_.at(occurrence.run);
    const bool well = process.main_alive && process.is_well(now);
    tell(occurrence.run, core::Sampled{occurrence.run, occurrence.check, occurrence.number, well,
                                       well ? "well" : "sick"});
}

void World::signal(RunId run, int signal, spec::SignalScope scope, TimePoint now) {
    const auto found = processes_.find(run);
    if (found == processes_.end()) return;  // lost before it was spawned
    Process& process = found->second;
    if (process.reaped) return complain("a signal for a reaped run");
    if (signal == SIGCONT) return;  // ends nothing
    process.ending = true;
    if (!process.executed || !process.behaviour.obeys_after) return;
    const TimePoint at = now + *process.behaviour.obeys_after;
    if (process.main_alive) {
        schedule(at, Occurrence{run, What::MainDies, status::ExitSignal{signal, false}});
    }
    if (process.others_alive && scope == spec::SignalScope::All) {
        schedule(at, Occurrence{run, What::OthersDie, {}});
    }
}

void World::kill(RunId run, TimePoint now) {
    const auto found = processes_.find(run);
    if (found == processes_.end()) return;
    Process& process = found->second;
    if (process.reaped) return complain("SIGKILL for a reaped run");
    process.ending = true;
    const TimePoint at = now + process.behaviour.kill_delay;
    process.behaviour.leaves_others = false;
    schedule(at, Occurrence{run, What::OthersDie, {}});
    schedule(at, Occurrence{run, What::MainDies, status::ExitSignal{SIGKILL, false}});
}

void World::let_go(RunId run) {
    known_.erase(run);
    watched_.erase(run);
    probed_.erase(run);
    awaited_.erase(run);
    std::erase_if(facts_, [&](const auto& fact) { return fact.first == run; });
    std::erase_if(schedule_, [&](const auto& occurrence) { return occurrence.second.run == run; });
    processes_.erase(run);  // it lives on where nobody looks
}

void World::reap(RunId run) {
    const auto found = processes_.find(run);
    known_.erase(run);
    watched_.erase(run);
    probed_.erase(run);
    awaited_.erase(run);
    std::erase_if(facts_, [&](const auto& fact) { return fact.first == run; });
    if (found == processes_.end()) return;
    if (found->second.is_alive()) return complain("a run was reaped before it was over");
    found->second.reaped = true;
}

void World::adopt(const core::AdoptRun& action, TimePoint now) {
    known_.insert(action.run);
    const Process* process = find(action.run);
    if (process == nullptr) return tell(action.run, core::RunLost{action.run});
    if (process->reaped) return complain("a reaped run is adopted");
    // The daemon before has journalled that it follows the heir.
    const bool follows = action.process.pid != 0 && action.process == process->heir;
    if (follows) follow(core::FollowProcess{action.run, action.process, {}}, now);
    if (!process->main_alive) return tell(action.run, end_of(*process, now));
    if (action.process.pid == 0) tell(action.run, core::Spawned{action.run, process->id});
    if (process->executed && !action.executed) tell(action.run, core::Executed{action.run});
}

// ---- What happens by itself.

Deadline World::next_occurrence() const {
    if (schedule_.empty()) return std::nullopt;
    return schedule_.begin()->first;
}

void World::advance(TimePoint now) {
    while (!schedule_.empty() && schedule_.begin()->first <= now) {
        const auto [at, occurrence] = *schedule_.begin();
        schedule_.erase(schedule_.begin());
        happen(occurrence, at);
    }
}

void World::happen(const Occurrence& occurrence, TimePoint now) {
    Process& process = processes_.at(occurrence.run);
    switch (occurrence.what) {
        case What::Exec:
            if (process.main_alive) executed(process, now);
            break;
        case What::MainDies:
            if (process.main_alive) main_dies(process, occurrence.exit, now);
            break;
        case What::OthersDie:
            process.others_alive = false;
            tell_if_empty(process);
            break;
        case What::ReadyNow:
            tell_if_ready(process, now);
            tell_main(process, now);
            break;
        case What::Forks:
            if (process.main_alive) fork(process, now);
            break;
        case What::Named:
            tell_main(process, now);
            break;
        case What::Answer:
            answer(occurrence, now);
            break;
    }
}

void World::look(const core::LookForRunning& action, TimePoint now) {
    known_.insert(action.run);
    // The daemon before has asked already.
    const auto before = processes_.find(action.run);
    if (before != processes_.end()) return look_again(before->second, now);
    core::SpawnRun as_if;
    as_if.run = action.run;
    as_if.instance = action.instance;
    as_if.service = action.service;
    as_if.command = action.service->command;
    const Behaviour behaviour = decide_(as_if);
    if (!behaviour.runs_already) return tell(action.run, core::NothingRuns{action.run});
    Process process;
    process.run = action.run;
    process.instance = action.instance;
    process.id = core::ProcessId{++last_pid_, static_cast<std::uint64_t>(last_pid_)};
    process.behaviour = behaviour;
    process.spawned_at = now;
    process.executed_at = now;
    process.main_alive = true;
    process.executed = true;
    process.in_pid_file = true;
    Process& placed = processes_.emplace(action.run, process).first->second;
    tell(action.run, core::FoundRunning{action.run, process.id});
    begin_life(placed, now);
}

/// Who is there now: the process that was found before, whom its pid file names after it, or
/// nobody.
void World::look_again(Process& process, TimePoint now) {
    const bool has_heir = process.others_alive && process.heir.pid != 0;
    if (!process.main_alive && has_heir && process.named_at <= now) {
        follow(core::FollowProcess{process.run, process.heir, process.id}, now);
    }
    if (process.main_alive) return tell(process.run, core::FoundRunning{process.run, process.id});
    process.others_alive = false;
    process.reaped = true;
    tell(process.run, core::NothingRuns{process.run});
}

/// The main process ends well and leaves another one in its place.
void World::fork(Process& process, TimePoint now) {
    if (process.forks_left > 0) --process.forks_left;
    process.heir = core::ProcessId{++last_pid_, static_cast<std::uint64_t>(last_pid_)};
    process.named_at = now + process.behaviour.named_after;
    process.main_alive = false;
    process.others_alive = true;
    process.exit = status::ExitCode{0};
    tell(process.run, end_of(process, now));
    schedule(process.named_at, Occurrence{process.run, What::Named, {}});
}

core::Exited World::end_of(const Process& process, TimePoint now) const {
    core::Exited end{process.run, process.exit, process.others_alive, {}};
    const bool named = process.named_at <= now;
    if (process.heir.pid == 0 || !process.others_alive) return end;
    if (!process.in_pid_file) end.heirs.push_back(core::Heir{process.heir, false, true, true});
    if (process.in_pid_file && named) end.heirs.push_back(core::Heir{process.heir, true});
    return end;
}

void World::follow(const core::FollowProcess& action, TimePoint now) {
    Process& process = processes_.at(action.run);
    if (process.reaped) return complain("a reaped run is followed");
    if (process.id == action.process) return;
    if (process.heir != action.process) return complain("somebody else is followed");
    process.id = process.heir;
    process.heir = core::ProcessId{};
    // Whatever ended it meanwhile has ended it as the main process that it is.
    process.main_alive = process.others_alive;
    process.others_alive = false;
    if (!process.main_alive) {
        process.exit = status::ExitUnknown{};
        return tell(process.run, end_of(process, now));
    }
    begin_life(process, now);
}

void World::tell_main(const Process& process, TimePoint now) {
    if (!awaited_.contains(process.run)) return;
    const bool stopped = process.behaviour.stops_itself && process.main_alive && process.executed &&
                         process.ready_at && *process.ready_at <= now;
    const bool named = process.in_pid_file && process.heir.pid != 0 && process.others_alive &&
                       process.named_at <= now;
    if (!stopped && !named) return;
    awaited_.erase(process.run);
    tell(process.run, core::MainFound{process.run, named ? process.heir : process.id});
}

void World::executed(Process& process, TimePoint now) {
    const Behaviour& behaviour = process.behaviour;
    if (behaviour.exec_error != 0) {
        process.main_alive = false;
        process.exit = status::ExitCode{127};
        return tell(process.run,
                    core::SpawnFailed{process.run, "exec bin/web", behaviour.exec_error});
    }
    process.executed = true;
    process.executed_at = now;
    tell(process.run, core::Executed{process.run});
    begin_life(process, now);
}

/// A program that was executed, or a process that was forked off.
void World::begin_life(Process& process, TimePoint now) {
    const Behaviour& behaviour = process.behaviour;
    if (process.forks_left > 0) {
        return schedule(now + behaviour.forks_after, Occurrence{process.run, What::Forks, {}});
    }
    if (behaviour.dies_after) {
        schedule(now + *behaviour.dies_after,
                 Occurrence{process.run, What::MainDies, behaviour.exit});
    }
    if (behaviour.ready_after) {
        process.ready_at = now + *behaviour.ready_after;
        schedule(*process.ready_at, Occurrence{process.run, What::ReadyNow, {}});
    }
}

void World::end_main(RunId run, const status::Exit& exit, bool leaves_others, TimePoint now) {
    Process& process = processes_.at(run);
    process.behaviour.leaves_others = leaves_others;
    if (process.main_alive) main_dies(process, exit, now);
}

void World::hand_over(RunId run, TimePoint now) {
    Process& process = processes_.at(run);
    if (process.main_alive) fork(process, now);
}

void World::main_dies(Process& process, const status::Exit& exit, TimePoint now) {
    process.main_alive = false;
    process.exit = exit;
    process.others_alive = process.executed && process.behaviour.leaves_others;
    if (process.others_alive && process.behaviour.others_live) {
        schedule(now + *process.behaviour.others_live,
                 Occurrence{process.run, What::OthersDie, {}});
    }
    tell(process.run, end_of(process, now));
}

void World::tell_if_empty(const Process& process) {
    if (process.is_alive() || !watched_.contains(process.run)) return;
    watched_.erase(process.run);
    tell(process.run, core::RunEmptied{process.run});
}

void World::tell_if_ready(const Process& process, TimePoint now) {
    if (!probed_.contains(process.run) || !process.main_alive) return;
    if (!process.ready_at || *process.ready_at > now) return;
    probed_.erase(process.run);
    tell(process.run, core::Ready{process.run, "accepts connections on its port"});
}

// ---- The way to the core.

std::optional<core::Event> World::take_fact() {
    if (facts_.empty()) return std::nullopt;
    core::Event fact = std::move(facts_.front().second);
    facts_.pop_front();
    return fact;
}

bool World::is_telling_ready(RunId run) const {
    return std::any_of(facts_.begin(), facts_.end(), [&](const auto& fact) {
        return fact.first == run && std::holds_alternative<core::Ready>(fact.second);
    });
}

void World::shuffle_facts(std::uint64_t choice) {
    if (facts_.size() < 2) return;
    const std::size_t picked = choice % facts_.size();
    const RunId run = facts_[picked].first;
    const auto first = std::find_if(facts_.begin(), facts_.end(),
                                    [&](const auto& fact) { return fact.first == run; });
    std::rotate(facts_.begin(), first, first + 1);
}

void World::kill_daemon() {
    facts_.clear();
    known_.clear();
    watched_.clear();
    probed_.clear();
    awaited_.clear();
    asked_.clear();
}

}  // namespace reeve::sim
