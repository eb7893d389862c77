#include <algorithm>
#include <utility>

#include "core/instance.h"
#include "core/tracking.h"

// From nothing to a ready main process: the launch of a stopped instance, and of a replacement
// beside a running one. The same steps; only what a success or a failure means differs.
namespace reeve::core {

Instance::MaybeChange Instance::begin_start(Turn& turn, std::string reason) {
    launched_ = false;
    if (const std::optional<MissingNeed> missing = turn.needs.missing(*app_, *service_)) {
        return Change{Starting{AwaitingNeeds{missing->text}}, std::move(reason)};
    }
    if (is_job()) return announce_start(turn, std::move(reason));
    return Change{Starting{begin_launch(turn, RunPart::Main)}, std::move(reason)};
}

/// What may run already is looked for before anything is done.
Launch Instance::begin_launch(Turn& turn, RunPart part) {
    if (part != RunPart::Main || !may_run_already(service_->tracking)) {
        return begin_own_launch(turn, part);
    }
    LiveRun run;
    run.id = turn.runs.add(id_);
    run.part = part;
    run.port_slot = port_slot_;
    run.since = turn.now;
    run.app = app_;
    run.service = service_;
    run.state = RunLooking{};
    turn.out.push_back(LookForRunning{run.id, name_, run.app, run.service});
    runs_.push_back(std::move(run));
    return Looking{};
}

Launch Instance::begin_own_launch(Turn& turn, RunPart part) {
    if (service_->hooks.pre_start) {
        spawn(turn, RunRole::PreStart, RunPart::Hook, port_slot_);
        return PreStarting{};
    }
    spawn(turn, RunRole::Main, part, part == RunPart::Main ? port_slot_ : candidate_slot());
    return Spawning{};
}

bool Instance::awaits_needs() const {
    const Starting* starting = std::get_if<Starting>(&state_);
    return starting != nullptr && std::holds_alternative<AwaitingNeeds>(starting->launch);
}

/// After the pre-start hook, or where there is none.
Instance::MaybeChange Instance::launch_main(Turn& turn) {
    if (!has_main_process()) return launch_ready(turn, "started");
    const bool replacing = std::holds_alternative<Running>(state_);
    spawn(turn, RunRole::Main, replacing ? RunPart::Candidate : RunPart::Main,
          replacing ? candidate_slot() : port_slot_);
    return with_launch(Spawning{}, "");
}

const Launch* Instance::launch() const {
    if (const Starting* starting = std::get_if<Starting>(&state_)) return &starting->launch;
    if (const Running* running = std::get_if<Running>(&state_)) {
        return std::get_if<Launch>(&running->replacement);
    }
    return nullptr;
}

Instance::MaybeChange Instance::with_launch(Launch next, std::string reason) const {
    if (const Running* running = std::get_if<Running>(&state_)) {
        return Change{Running{running->ready_since, next}, std::move(reason)};
    }
    return Change{Starting{next}, std::move(reason)};
}

namespace {

/// How long a sign of readiness that drivers look for is waited for.
struct Patience {
    Duration timeout{};
    spec::NotReady afterwards = spec::NotReady::Fail;
    const char* missing = "";
};

/// nullopt: no driver looks for it.
std::optional<Patience> patience_of(const spec::ReadinessSpec& readiness) {
    if (const auto* port = std::get_if<spec::ReadyOnPort>(&readiness)) {
        return Patience{port->timeout, port->afterwards, "no connection on its port"};
    }
    if (const auto* notify = std::get_if<spec::ReadyOnNotify>(&readiness)) {
        return Patience{notify->timeout, notify->afterwards, "no READY=1"};
    }
    if (const auto* fd = std::get_if<spec::ReadyOnFd>(&readiness)) {
        return Patience{fd->timeout, fd->afterwards, "nothing written to its descriptor"};
    }
    return std::nullopt;
}

}  // namespace

Instance::MaybeChange Instance::launch_executed(Turn& turn) {
    if (launch() == nullptr || !std::holds_alternative<Spawning>(*launch())) return std::nullopt;
    const bool replacing = std::holds_alternative<Running>(state_);
    LiveRun& main = *find(replacing ? RunPart::Candidate : RunPart::Main);
    return begin_settling(turn, main);
}

/// It is known who the main process is.
Instance::MaybeChange Instance::launch_settled(Turn& turn, const std::string& how) {
    const bool replacing = std::holds_alternative<Running>(state_);
    const LiveRun& main = *find(replacing ? RunPart::Candidate : RunPart::Main);
    const spec::ReadinessSpec& readiness = main.service->readiness;
    if (const auto* after = std::get_if<spec::ReadyAfter>(&readiness)) {
        return with_launch(Readying{turn.now + after->uptime}, how);
    }
    const std::string sign = how.empty() ? "started" : how;
    if (const std::optional<Patience> patience = patience_of(readiness)) {
        turn.out.push_back(ProbeReadiness{main.id, name_, readiness, main.port_slot});
        return with_launch(Readying{turn.now + patience->timeout}, how);
    }
    if (main.checks.startup_passed(*main.service)) return launch_ready(turn, sign);
    return with_launch(Readying{std::nullopt, true, sign}, how);
}

/// Its own sign of readiness was seen; the startup checks may still be missing.
Instance::MaybeChange Instance::readiness_met(Turn& turn, const std::string& how) {
    const bool replacing = std::holds_alternative<Running>(state_);
    const LiveRun& main = *find(replacing ? RunPart::Candidate : RunPart::Main);
    if (main.checks.startup_passed(*main.service)) return launch_ready(turn, how);
    return with_launch(Readying{std::nullopt, true, how}, "");
}

void Instance::probe_again(Turn& turn) const {
    ask_again(turn);
    for (const LiveRun& run : runs_) {
        if (awaits_main(run)) turn.out.push_back(AwaitMain{run.id});
    }
    if (launch() == nullptr || !std::holds_alternative<Readying>(*launch())) return;
    const bool replacing = std::holds_alternative<Running>(state_);
    const LiveRun& main = *find(replacing ? RunPart::Candidate : RunPart::Main);
    const spec::ReadinessSpec& readiness = main.service->readiness;
    if (std::get<Readying>(*launch()).met || !patience_of(readiness)) return;
    turn.out.push_back(ProbeReadiness{main.id, name_, readiness, main.port_slot});
}

void Instance::ready(Turn& turn, const Ready& fact) {
    const LiveRun& run = *find(fact.run);
    const bool launching = run.part == RunPart::Main || run.part == RunPart::Candidate;
    if (!launching || launch() == nullptr || !std::holds_alternative<Readying>(*launch())) return;
    if (std::get<Readying>(*launch()).met) return;
    apply(turn, readiness_met(turn, fact.how));
}

Instance::MaybeChange Instance::launch_ready(Turn& turn, const std::string& how) {
    if (!service_->hooks.post_start) return launch_done(turn, turn.now, how);
    spawn(turn, RunRole::PostStart, RunPart::Hook, port_slot_);
    return with_launch(PostStarting{turn.now}, how);
}

Instance::MaybeChange Instance::launch_done(Turn& turn, TimePoint ready_since,
                                            const std::string& how) {
    if (std::holds_alternative<Starting>(state_)) {
        holding_ = false;
        if (is_job()) announce(turn, "started", false);
        if (is_job() && !service_->job->task) finish_job(turn, false);
        return Change{Running{ready_since, NoReplacement{}}, how};
    }
    if (holding_) {
        const TimePoint serving_since = std::get<Running>(state_).ready_since;
        return Change{Running{serving_since, ReplacementHeld{ready_since}}, ""};
    }
    LiveRun& old = *find(RunPart::Main);
    LiveRun& fresh = *find(RunPart::Candidate);
    const std::string reason = "replaced pid " + std::to_string(old.process.pid) + ": " + how;
    old.part = RunPart::Retiring;
    take_over(fresh);
    if (!drain(turn, old)) old.retire(turn);
    return Change{Running{ready_since, NoReplacement{}}, reason, true};
}

Instance::MaybeChange Instance::launch_failed(Turn& turn, const End& end,
                                              const std::string& reason) {
    if (const Running* running = std::get_if<Running>(&state_)) {
        leave(turn, RunPart::Candidate, RunPart::Retiring);
        leave(turn, RunPart::Hook, RunPart::Retiring);
        replacement_error_ = "its replacement failed: " + reason;
        return Change{Running{running->ready_since, NoReplacement{}}, *replacement_error_, true};
    }
    if (is_job() && wanted(turn) != status::Goal::Up) {
        return wind_down(turn, AfterEnd{RestartAt{turn.now}, reason, true}, reason);
    }
    const Decision decision =
        goal_ == status::Goal::Unmonitored
            ? Decision{StayDown{}}
            : policy_.after_end(service_->restart, end, turn.now, turn.random);
    if (is_job()) judge_job(turn, decision, end);
    return wind_down(turn, AfterEnd{decision, reason, false}, reason);
}

Instance::MaybeChange Instance::readying_due(Turn& turn) {
    const bool replacing = std::holds_alternative<Running>(state_);
    const LiveRun& main = *find(replacing ? RunPart::Candidate : RunPart::Main);
    const std::optional<Patience> patience = patience_of(main.service->readiness);
    if (!patience) return readiness_met(turn, "up for " + to_text(main.lived(turn.now)));
    const std::string problem =
        std::string(patience->missing) + " within " + to_text(patience->timeout);
    if (patience->afterwards == spec::NotReady::Proceed) {
        return readiness_met(turn, problem + "; counts as ready");
    }
    return launch_failed(turn, End{StartFailure{}, main.lived(turn.now), {}}, problem);
}

bool may_overlap(const spec::Service& service) {
    return service.rollout.order == spec::ReplaceOrder::StartFirst && !service.hooks.pre_stop &&
           !service.hooks.post_stop && !service.stop.command &&
           !std::holds_alternative<spec::TrackPidFile>(service.tracking);
}

bool Instance::overlaps() const {
    return may_overlap(*service_);
}

bool Instance::holds_replacement() const {
    const Running* running = std::get_if<Running>(&state_);
    return running != nullptr && std::holds_alternative<ReplacementHeld>(running->replacement);
}

bool Instance::serves_present_spec() const {
    if (!is_serving()) return false;
    const LiveRun* main = find(RunPart::Main);
    return main == nullptr || (main->app == app_ && main->service == service_);
}

void Instance::take_over(LiveRun& fresh) {
    fresh.part = RunPart::Main;
    port_slot_ = fresh.port_slot;
    last_pid_ = fresh.process.pid;
}

/// Commands of checks hold nothing that a replacement needs.
bool Instance::has_retiring() const {
    return std::any_of(runs_.begin(), runs_.end(), [](const LiveRun& run) {
        return run.part == RunPart::Retiring && !run.command;
    });
}

bool Instance::retiring_is_stuck() const {
    return std::any_of(runs_.begin(), runs_.end(), [](const LiveRun& run) {
        return run.part == RunPart::Retiring && !run.command && run.is_unkillable();
    });
}

/// The proxy, and who else sends requests, have the time of the RolloutSpec to let go of it. False:
/// nobody has to.
bool Instance::drain(Turn& turn, LiveRun& run) const {
    const spec::RolloutSpec& rollout = run.service->rollout;
    const Duration proxy = run.service->wants_port ? rollout.proxy_wait : Duration{};
    if (!run.is_alive() || proxy + rollout.drain == Duration{}) return false;
    run.patience_ends = turn.now + proxy + rollout.drain;
    run.awaits_proxy = proxy > Duration{};
    return true;
}

bool Instance::awaits_proxy() const {
    return std::any_of(runs_.begin(), runs_.end(),
                       [](const LiveRun& run) { return run.is_draining() && run.awaits_proxy; });
}

void Instance::traffic_gone(Turn& turn) {
    for (LiveRun& run : runs_) {
        if (!run.is_draining() || !std::exchange(run.awaits_proxy, false)) continue;
        const Duration drain = run.service->rollout.drain;
        if (drain > Duration{}) {
            run.patience_ends = std::min(*run.patience_ends, turn.now + drain);
        } else {
            run.patience_ends.reset();
            run.retire(turn);
        }
    }
    apply(turn, std::nullopt);
}

/// Whether something that was replaced before still has the ports of a slot.
bool Instance::holds_slot(int slot) const {
    return std::any_of(runs_.begin(), runs_.end(), [&](const LiveRun& run) {
        return run.part == RunPart::Retiring && !run.command && run.port_slot == slot;
    });
}

/// Where a replacement beside the old one listens. A restart takes the other port that the proxy
/// knows, so that this need not change; a new release one that it does not know, so that nothing
/// is sent there before it is switched to. nullopt: what was replaced before has to go first.
std::optional<int> Instance::spare_slot() const {
    const spec::RolloutSpec& rollout = service_->rollout;
    const int other_pair = port_slot_ < kPortSlots / 2 ? kPortSlots / 2 : 0;
    const bool may_leave_pair = rollout.proxy_wait > Duration{} || rollout.retire_wait > Duration{};
    const bool is_known = !may_leave_pair || serves_present_spec();
    if (is_known && !holds_slot(port_slot_ ^ 1)) return port_slot_ ^ 1;
    for (const int slot : {other_pair, other_pair + 1}) {
        if (may_leave_pair && !holds_slot(slot)) return slot;
    }
    return std::nullopt;
}

/// `spare_slot`; where none is free, what holds it cannot be killed or is about to go.
int Instance::candidate_slot() const {
    return spare_slot().value_or(port_slot_ ^ 1);
}

bool Instance::is_replacing() const {
    const Running* running = std::get_if<Running>(&state_);
    if (running != nullptr && !std::holds_alternative<NoReplacement>(running->replacement)) {
        return true;
    }
    // What may take its time to go is not waited for.
    const bool is_waited_for = service_->rollout.retire_wait == Duration{};
    return is_waited_for && has_retiring() && !retiring_is_stuck();
}

Instance::MaybeChange Instance::replace_running(Turn& turn, const std::string& reason) {
    const Running& running = std::get<Running>(state_);
    if (std::holds_alternative<RestartCommanding>(running.replacement)) return std::nullopt;
    if (!holding_ && has_restart_command()) return begin_restart_command(turn, reason);
    if (!overlaps()) {
        return end_running(turn, AfterEnd{RestartAt{turn.now}, reason, true}, reason);
    }
    if (std::holds_alternative<NoReplacement>(running.replacement)) {
        return begin_replacement(turn, reason);
    }
    const bool outdated = std::any_of(runs_.begin(), runs_.end(), [&](const LiveRun& run) {
        return (run.part == RunPart::Candidate || run.part == RunPart::Hook) && run.app != app_;
    });
    if (!outdated) return std::nullopt;  // the one under way is as fresh as what is asked for
    leave(turn, RunPart::Candidate, RunPart::Retiring);
    leave(turn, RunPart::Hook, RunPart::Retiring);
    return begin_replacement(turn, reason);
}

/// Where what was replaced before holds every port, it goes first. If it cannot be killed, the
/// replacement happens in the old one's place instead.
Instance::MaybeChange Instance::begin_replacement(Turn& turn, const std::string& reason) {
    const TimePoint ready_since = std::get<Running>(state_).ready_since;
    const bool has_room = spare_slot().has_value();
    if (holding_ && !has_room && retiring_is_stuck()) {
        replacement_error_ = "what was replaced before outlives SIGKILL and holds its port";
        return Change{Running{ready_since, NoReplacement{}}, *replacement_error_, true};
    }
    if (!overlaps() || (!has_room && retiring_is_stuck())) {
        return end_running(turn, AfterEnd{RestartAt{turn.now}, reason, true}, reason);
    }
    if (!has_room) return Change{Running{ready_since, ReplacementWaits{}}, reason};
    return Change{Running{ready_since, begin_launch(turn, RunPart::Candidate)}, reason};
}

Instance::MaybeChange Instance::try_waiting_replacement(Turn& turn) {
    const Running& running = std::get<Running>(state_);
    if (!std::holds_alternative<ReplacementWaits>(running.replacement)) return std::nullopt;
    if (!spare_slot() && !retiring_is_stuck()) return std::nullopt;
    return begin_replacement(turn, reason_);
}

/// The old one died while its replacement was starting, which now takes its place.
Instance::MaybeChange Instance::promote_after_death(Turn& turn, const std::string& reason) {
    const Launch launching = std::get<Launch>(std::get<Running>(state_).replacement);
    leave(turn, RunPart::Leaving, RunPart::Retiring);
    if (LiveRun* fresh = find(RunPart::Candidate)) {
        take_over(*fresh);
    } else {
        port_slot_ = candidate_slot();
    }
    return Change{Starting{launching}, reason + "; its replacement is starting"};
}

/// The old one died while its replacement was held back: there is nothing to hold it for.
Instance::MaybeChange Instance::promote_held_after_death(Turn& turn, const std::string& reason) {
    const Running& running = std::get<Running>(state_);
    const TimePoint ready_since = std::get<ReplacementHeld>(running.replacement).ready_since;
    holding_ = false;
    leave(turn, RunPart::Leaving, RunPart::Retiring);
    take_over(*find(RunPart::Candidate));
    return Change{Running{ready_since, NoReplacement{}}, reason + "; its replacement serves", true};
}

}  // namespace reeve::core
