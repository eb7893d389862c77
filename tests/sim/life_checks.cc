#include "sim/life_checks.h"

#include <signal.h>

#include "spec/stop_spec.h"

namespace reeve::sim {
namespace {

bool ends_a_life(status::State state) {
    return state == status::State::Stopped || state == status::State::Backoff ||
           state == status::State::CrashLooping || state == status::State::Failed;
}

/// The main process that was spawned last for an instance, or nullptr.
const Process* latest_main(const World& world, const spec::InstanceName& instance) {
    const Process* latest = nullptr;
    for (const auto& [run, process] : world.processes()) {
        if (process.instance == instance && process.role == core::RunRole::Main) latest = &process;
    }
    return latest;
}

bool contains(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

std::string LifeChecks::after_event(const core::Event& event, const core::Actions& actions,
                                    const World& world, TimePoint now) {
    note_event(event, world, now);
    std::string breach;
    for (const core::Action& action : actions) {
        if (const auto* spawn = std::get_if<core::SpawnRun>(&action)) note_spawn(*spawn);
        if (const auto* kill = std::get_if<core::KillRun>(&action)) leftovers_.erase(kill->run);
        if (const auto* reap = std::get_if<core::ReapRun>(&action)) leftovers_.erase(reap->run);
        // Those that may be, or are, the main process now are not left over.
        if (const auto* wait = std::get_if<core::AwaitMain>(&action)) leftovers_.erase(wait->run);
        if (const auto* heir = std::get_if<core::FollowProcess>(&action))
            leftovers_.erase(heir->run);
        const auto* signal = std::get_if<core::SignalRun>(&action);
        if (signal != nullptr && signal->signal == SIGKILL) leftovers_.erase(signal->run);
        const auto* record = std::get_if<core::RecordTransition>(&action);
        if (record != nullptr && breach.empty()) {
            breach = check_transition(record->transition, world, now);
        }
        if (record != nullptr && ends_a_life(record->transition.to)) {
            owes_post_stop_.erase(record->transition.instance);
        }
    }
    const bool all_that_is_due_is_done = std::holds_alternative<core::TimePassed>(event);
    if (breach.empty() && all_that_is_due_is_done) breach = check_leftovers(world, now);
    return breach;
}

void LifeChecks::note_event(const core::Event& event, const World& world, TimePoint now) {
    const core::Exited* exited = std::get_if<core::Exited>(&event);
    if (exited == nullptr || !exited->others_left) return;
    const Process* process = world.find(exited->run);
    // One that was asked to end has the patience of its ladder.
    const bool by_itself =
        process != nullptr && process->role == core::RunRole::Main && !process->ending;
    // What is said once more of a run whose next main process is waited for is no news.
    if (by_itself && !world.is_awaited(exited->run)) leftovers_.emplace(exited->run, now);
}

void LifeChecks::note_spawn(const core::SpawnRun& spawn) {
    if (spawn.role == core::RunRole::PostStop) owes_post_stop_.erase(spawn.instance);
    const bool begins = spawn.role == core::RunRole::Main || spawn.role == core::RunRole::PreStart;
    if (!begins) return;
    // The hook is that of the spec which holds at the end: a release that failed owes none any more
    // once the one before it, which has none, has begun again.
    if (spawn.service->hooks.post_stop) {
        owes_post_stop_.insert(spawn.instance);
    } else {
        owes_post_stop_.erase(spawn.instance);
    }
}

std::string LifeChecks::check_transition(const status::Transition& transition, const World& world,
                                         TimePoint now) const {
    const std::string name = spec::to_text(transition.instance);
    if (ends_a_life(transition.to) && owes_post_stop_.contains(transition.instance)) {
        return name + ": a life is over without its post-stop hook";
    }
    // In this world everybody sees how a process ends.
    if (contains(transition.reason, "unknown status after")) {
        return name + ": a run that never was counts as a failure";
    }
    // What was stuck is shown again as it was before.
    const bool is_news = transition.from != status::State::Stuck;
    if (!is_news || !contains(transition.reason, "no connection on its port")) return "";
    const Process* main = latest_main(world, transition.instance);
    const bool ready = main != nullptr && main->main_alive && main->executed && main->ready_at &&
                       *main->ready_at <= now && !main->has_startup_checks;
    if (ready && !world.is_telling_ready(main->run)) return name + ": nobody looks at its port";
    return "";
}

std::string LifeChecks::check_leftovers(const World& world, TimePoint now) const {
    for (const auto& [run, since] : leftovers_) {
        const Process* process = world.find(run);
        if (process == nullptr || !process->is_alive()) continue;
        if (now > since + spec::StopSpec{}.leftovers_wait) {
            return spec::to_text(process->instance) + ": leftovers outlive their time";
        }
    }
    return "";
}

}  // namespace reeve::sim
