#include <algorithm>
#include <utility>

#include "base/check.h"
#include "core/instance.h"

// The checks of an instance: which are looked at, what is asked, what follows from the answers.
namespace reeve::core {

LiveRun* Instance::find_main(RunId run) {
    const auto found = std::find_if(runs_.begin(), runs_.end(), [&](const LiveRun& r) {
        return r.id == run && r.role == RunRole::Main;
    });
    return found == runs_.end() ? nullptr : &*found;
}

bool Instance::is_ready() const {
    if (!is_serving()) return false;
    const LiveRun* main = find(RunPart::Main);
    return main == nullptr || main->checks.is_ready();
}

// ---- Which checks are looked at.

CheckPhase Instance::wanted_phase(const LiveRun& run) const {
    if (run.ending || !run.is_alive()) return CheckPhase::None;
    const bool starting = std::holds_alternative<Starting>(state_);
    if (run.part == RunPart::Candidate || (run.part == RunPart::Main && starting)) {
        const bool readying = launch() != nullptr && std::holds_alternative<Readying>(*launch());
        return readying ? CheckPhase::Startup : CheckPhase::None;
    }
    const bool serves = run.part == RunPart::Main && std::holds_alternative<Running>(state_);
    return serves && goal_ == status::Goal::Up ? CheckPhase::Running : CheckPhase::None;
}

/// Called at each change of state, which clears every history.
void Instance::settle_checks(Turn& turn) {
    for (LiveRun& run : runs_) {
        const bool has_checks = !run.service->checks.empty() || run.checks.size() > 0;
        if (run.role != RunRole::Main || !has_checks) continue;
        run.checks.enter(wanted_phase(run), *run.service, turn.now);
    }
    kill_idle_probes(turn);
}

/// A command whose exit nobody waits for any more.
void Instance::kill_idle_probes(Turn& turn) {
    for (std::size_t i = 0; i < runs_.size();) {
        LiveRun& run = runs_[i];
        if (run.part == RunPart::Probe) {
            const LiveRun* of = find_main(run.command->of);
            const std::uint32_t check = run.command->check;
            const bool waited_for = of != nullptr && check < of->checks.size() &&
                                    of->checks.state(check).asked &&
                                    of->checks.state(check).number == run.command->number;
            if (!waited_for && run.is_queued()) {
                forget_run(turn, run.id);
                continue;
            }
            if (!waited_for) {
                run.part = RunPart::Retiring;
                run.kill(turn);
            }
        }
        ++i;
    }
}

// ---- Asking.

Instance::MaybeChange Instance::check_due(Turn& turn, LiveRun& run) {
    const std::uint32_t index = run.checks.due_check(turn.now).value();
    const spec::Check& check = run.service->checks.at(index);
    const RunId id = run.id;
    if (run.checks.state(index).asked) {
        const std::uint64_t number = run.checks.state(index).number;
        return take_sample(turn, id, index, number,
                           {false, "no answer within " + to_text(check.timeout)});
    }
    const std::uint64_t number =
        run.checks.ask(index, turn.now, turn.now + check.timeout + kAnswerGrace);
    if (std::holds_alternative<spec::UptimeProbe>(check.probe)) {
        return take_sample(turn, id, index, number, {true, to_text(run.lived(turn.now))});
    }
    if (std::holds_alternative<spec::AlwaysTrueProbe>(check.probe)) {
        return take_sample(turn, id, index, number, {true, "1"});
    }
    if (const auto* watchdog = std::get_if<spec::WatchdogProbe>(&check.probe)) {
        return take_sample(turn, id, index, number,
                           {false, "no WATCHDOG=1 for " + to_text(watchdog->within)});
    }
    if (std::holds_alternative<spec::ExecProbe>(check.probe)) {
        run.checks.wait_for_end(index);
        spawn_for_check(turn, run, RunRole::Check, RunPart::Probe, {id, index, 0, number});
        return std::nullopt;
    }
    turn.out.push_back(
        SampleCheck{id, index, number, name_, run.app, run.service, run.port_slot, run.process});
    return std::nullopt;
}

/// By the spec of the process that is looked at: that of the instance may be another one already.
void Instance::spawn_for_check(Turn& turn, const LiveRun& of, RunRole role, RunPart part,
                               const CheckCommand& command) {
    LiveRun run;
    run.role = role;
    run.part = part;
    run.port_slot = of.port_slot;
    run.app = of.app;
    run.service = of.service;
    run.command = command;
    spawn(turn, std::move(run));
}

/// After a restore: the daemon before may have taken the questions along.
void Instance::ask_again(Turn& turn) const {
    for (const LiveRun& run : runs_) {
        for (std::uint32_t i = 0; i < run.checks.size(); ++i) {
            const CheckState& state = run.checks.state(i);
            if (!state.asked || !state.due) continue;
            turn.out.push_back(SampleCheck{run.id, i, state.number, name_, run.app, run.service,
                                           run.port_slot, run.process});
        }
    }
}

// ---- Answers.

void Instance::sampled(Turn& turn, const Sampled& fact) {
    apply(turn, take_sample(turn, fact.run, fact.check, fact.number, {fact.passed, fact.text}));
}

void Instance::notify_said(Turn& turn, const NotifySaid& fact) {
    LiveRun* run = find_main(fact.run);
    if (run == nullptr) return;
    if (fact.status) run->said.emplace(one_line(*fact.status));
    if (fact.watchdog) run->checks.ping(*run->service, turn.now);
}

Instance::MaybeChange Instance::probe_ended(Turn& turn, const LiveRun& probe, Sample sample) {
    return take_sample(turn, probe.command->of, probe.command->check, probe.command->number,
                       std::move(sample));
}

/// One sample of a check; stale ones are ignored.
Instance::MaybeChange Instance::take_sample(Turn& turn, RunId of, std::uint32_t index,
                                            std::uint64_t number, Sample sample) {
    LiveRun* run = find_main(of);
    if (run == nullptr || run->ending || index >= run->checks.size()) return std::nullopt;
    const CheckState& state = run->checks.state(index);
    if (!state.asked || state.number != number) return std::nullopt;
    const spec::Check& check = run->service->checks.at(index);
    const CheckVerdict verdict = run->checks.add(index, check, std::move(sample), turn.now);
    if (check.role == spec::CheckRole::Startup) {
        return startup_judged(turn, *run, index, verdict.fires);
    }
    if (verdict.fires) return check_fired(turn, *run, index);
    return verdict.recovers ? check_recovered(turn, *run, index) : std::nullopt;
}

Instance::MaybeChange Instance::startup_judged(Turn& turn, const LiveRun& run, std::uint32_t index,
                                               bool fires) {
    const CheckState& state = run.checks.state(index);
    const std::string what = "startup check " + run.service->checks.at(index).name;
    if (!state.passed) {
        if (!fires) return std::nullopt;
        const std::string problem = what + " failed: " + state.history.samples().back().text;
        return launch_failed(turn, End{StartFailure{}, run.lived(turn.now), {}}, problem);
    }
    Readying readying = std::get<Readying>(*launch());
    if (fires) {
        readying.how += readying.how.empty() ? "" : "; ";
        readying.how += what + " failed (a warning only): " + state.history.samples().back().text;
    }
    const bool all_passed = readying.met && run.checks.startup_passed(*run.service);
    return all_passed ? launch_ready(turn, readying.how) : with_launch(readying, "");
}

SharedCause Instance::check_cause(Turn& turn, const std::string& text) const {
    return std::make_shared<status::Cause>(status::Cause{
        status::CauseKind::Check, ++turn.last_cause, spec::instance_text(name_) + " " + text});
}

Instance::MaybeChange Instance::check_fired(Turn& turn, LiveRun& run, std::uint32_t index) {
    const spec::Check& check = run.service->checks.at(index);
    const CheckState& state = run.checks.state(index);
    const std::string text = check.name + ": " + state.history.text();
    bool told = state.firings == 1;
    CheckWish wish{CheckWish::Kind::Restart, nullptr, "check " + text};
    if (!check.warn_only) {
        for (const spec::CheckStep& step : check.steps)
            told = told || step.from_firing == state.firings;
        wish.cause = check_cause(turn, text);
        if (carry_out_steps(turn, run, index, wish)) return std::nullopt;
        if (check.role == spec::CheckRole::Liveness) {
            wish_ = std::move(wish);
            return std::nullopt;
        }
    }
    if (!told) return std::nullopt;
    cause_ = wish.cause != nullptr ? wish.cause : check_cause(turn, text);
    return Change{state_, wish.reason, true};
}

/// Whether a step changes the state of the instance, which the manager then does.
bool Instance::carry_out_steps(Turn& turn, const LiveRun& of, std::uint32_t index,
                               const CheckWish& wish) {
    const LiveRun run = of;  // what its steps spawn moves the runs
    const std::uint32_t firings = run.checks.state(index).firings;
    const std::vector<spec::CheckStep>& steps = run.service->checks.at(index).steps;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const spec::CheckAction& action = steps[i].action;
        if (steps[i].from_firing > firings) continue;
        if (const auto* signal = std::get_if<spec::CheckSignal>(&action)) {
            turn.out.push_back(SignalRun{run.id, signal->signal, spec::SignalScope::Main});
        } else if (std::holds_alternative<spec::CheckExec>(action)) {
            spawn_for_check(turn, run, RunRole::CheckStep, RunPart::Retiring,
                            {run.id, index, static_cast<std::uint32_t>(i), 0});
        } else if (std::holds_alternative<spec::CheckRestart>(action)) {
            wish_ = wish;
        } else if (std::holds_alternative<spec::CheckStop>(action)) {
            wish_ = CheckWish{CheckWish::Kind::Stop, wish.cause, wish.reason};
        } else if (std::holds_alternative<spec::CheckUnmonitor>(action)) {
            wish_ = CheckWish{CheckWish::Kind::Unmonitor, wish.cause, wish.reason};
        }
        // CheckNotify is told anyway; CheckStart finds it started.
        if (wish_) return true;
    }
    return false;
}

Instance::MaybeChange Instance::check_recovered(Turn& turn, const LiveRun& run,
                                                std::uint32_t index) {
    const std::string text =
        run.service->checks.at(index).name + ": " + run.checks.state(index).history.text();
    cause_ = check_cause(turn, text);
    wish_ = CheckWish{CheckWish::Kind::Recovered, cause_, "check passes again: " + text};
    return Change{state_, wish_->reason, true};
}

void Instance::restart_for_check(Turn& turn, const SharedCause& cause, const std::string& reason) {
    if (!std::holds_alternative<Running>(state_) || goal_ != status::Goal::Up) return;
    cause_ = cause;
    replacement_error_.reset();
    const Running& running = std::get<Running>(state_);
    const LiveRun* main = find(RunPart::Main);
    CHECK(main != nullptr);
    const End end{CheckFailure{}, main->lived(turn.now), turn.now - running.ready_since};
    const RestartAt again = policy_.after_check(service_->restart, end, turn.now, turn.random);
    job_.restart_asked = is_job();  // its pre-stop hook is not to call this off
    if (again.at <= turn.now && !is_job() && (overlaps() || has_restart_command())) {
        ++restarts_;
        apply(turn, replace_running(turn, reason));
    } else {
        apply(turn, end_running(turn, AfterEnd{again, reason, false}, reason));
    }
}

// ---- What is seen.

namespace {

status::CheckVerdict verdict_of(const spec::Check& check, const RunChecks& checks,
                                std::uint32_t index) {
    // What gates the start was passed, or there would be no other phase.
    const bool is_through =
        check.role == spec::CheckRole::Startup && checks.phase() == CheckPhase::Running;
    if (is_through) return status::CheckVerdict::Passing;
    if (index >= checks.size()) return status::CheckVerdict::Waiting;
    const CheckState& state = checks.state(index);
    if (state.history.samples().empty()) return status::CheckVerdict::Waiting;
    if (state.firings > 0) return status::CheckVerdict::Fired;
    return state.history.samples().back().passed ? status::CheckVerdict::Passing
                                                 : status::CheckVerdict::Failing;
}

}  // namespace

/// Those of the main process; a replacement that is being started is told of by its reason.
std::vector<status::Check> Instance::checks_seen() const {
    std::vector<status::Check> seen;
    const RunChecks none;
    const LiveRun* main = find(RunPart::Main);
    const RunChecks& checks = main != nullptr && main->service == service_ ? main->checks : none;
    for (std::uint32_t i = 0; i < service_->checks.size(); ++i) {
        const spec::Check& check = service_->checks[i];
        const std::string samples =
            i < checks.size() ? checks.state(i).history.text() : std::string();
        seen.push_back(status::Check{check.name, to_text(check.role), to_text(check.probe),
                                     verdict_of(check, checks, i), samples});
    }
    return seen;
}

}  // namespace reeve::core
