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
    if (const auto* adopt_run = std::get_if<core::AdoptRun>(&action)) adopt(*adopt_run);
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
    process.main_alive = true;
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

void World::signal(RunId run, int signal, spec::SignalScope scope, TimePoint now) {
    const auto found = processes_.find(run);
    if (found == processes_.end()) return;  // lost before it was spawned
    Process& process = found->second;
    if (process.reaped) return complain("a signal for a reaped run");
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
    std::erase_if(facts_, [&](const auto& fact) { return fact.first == run; });
    processes_.erase(run);  // it lives on where nobody looks
}

void World::reap(RunId run) {
    const auto found = processes_.find(run);
    known_.erase(run);
    watched_.erase(run);
    probed_.erase(run);
    std::erase_if(facts_, [&](const auto& fact) { return fact.first == run; });
    if (found == processes_.end()) return;
    if (found->second.is_alive()) return complain("a run was reaped before it was over");
    found->second.reaped = true;
}

void World::adopt(const core::AdoptRun& action) {
    known_.insert(action.run);
    const Process* process = find(action.run);
    if (process == nullptr) return tell(action.run, core::RunLost{action.run});
    if (process->reaped) return complain("a reaped run is adopted");
    if (!process->main_alive) {
        return tell(action.run, core::Exited{action.run, process->exit, process->others_alive});
    }
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
            break;
    }
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
    tell(process.run, core::Executed{process.run});
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

void World::main_dies(Process& process, const status::Exit& exit, TimePoint now) {
    process.main_alive = false;
    process.exit = exit;
    process.others_alive = process.executed && process.behaviour.leaves_others;
    if (process.others_alive && process.behaviour.others_live) {
        schedule(now + *process.behaviour.others_live,
                 Occurrence{process.run, What::OthersDie, {}});
    }
    tell(process.run, core::Exited{process.run, exit, process.others_alive});
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
}

}  // namespace reeve::sim
