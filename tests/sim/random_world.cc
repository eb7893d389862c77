#include "sim/random_world.h"

#include <errno.h>
#include <signal.h>

#include <algorithm>

#include "sim/random_jobs.h"

namespace reeve::sim {
namespace {

// A program that fails soon after each of its starts.
constexpr const char* kDoomed = "bin/doomed";

bool is_doomed(const core::SpawnRun& run) {
    const auto* command = std::get_if<spec::DirectCommand>(&run.command);
    return command != nullptr && command->argv[0] == kDoomed;
}

spec::Hook random_hook(Random& random) {
    spec::Hook hook;
    hook.command = spec::DirectCommand{{"hook"}};
    hook.timeout = one_in(random, 4) ? Duration{} : random_duration(random, 20s) + 1ms;
    hook.on_failure = one_in(random, 2) ? spec::HookFailure::Ignore : spec::HookFailure::FailStart;
    return hook;
}

spec::RestartSpec random_restart(Random& random) {
    switch (random.below(12)) {
        case 8:
            return spec::UpstartRestart{};
        case 9:
            return spec::SystemdRestart{};
        case 10:
            return spec::SupervisordRestart{};
        case 11: {
            const bool flaps = one_in(random, 2);
            return flaps ? spec::BluepillRestart{.flapping = spec::Flapping{3, 15s, 5s}}
                         : spec::BluepillRestart{};
        }
        case 0:
            return spec::NoRestart{};
        case 1:
            return spec::DockerRestart{};
        case 2:
            return spec::DockerRestart{.mode = spec::DockerMode::Always};
        case 3:
            return spec::DockerRestart{.mode = spec::DockerMode::OnFailure, .retries_max = 3};
        case 4:
            return spec::AutoRestart{.restart_after_success = false};
        default:
            return spec::AutoRestart{};
    }
}

spec::StopSpec random_stop(Random& random) {
    spec::StopSpec stop;
    stop.steps.clear();
    const std::uint64_t steps = random.below(3);
    for (std::uint64_t i = 0; i < steps; ++i) {
        const int signal = one_in(random, 2) ? SIGTERM : SIGQUIT;
        stop.steps.push_back(spec::StopStep{signal, random_duration(random, 10s) + 1ms});
    }
    if (stop.steps.empty()) stop.steps.push_back(spec::StopStep{});
    stop.scope = static_cast<spec::SignalScope>(random.below(3));
    if (one_in(random, 5)) stop.command = spec::DirectCommand{{"stop"}};
    stop.command_timeout = random_duration(random, 10s) + 1ms;
    return stop;
}

spec::ReadinessSpec random_readiness(Random& random) {
    switch (random.below(4)) {
        case 0:
            return spec::ReadyOnPort{5s, spec::NotReady::Fail};
        case 1:
            return spec::ReadyOnPort{5s, spec::NotReady::Proceed};
        case 2:
            return spec::ReadyAfter{random_duration(random, 3s)};
        default:
            return spec::ReadyOnSpawn{};
    }
}

spec::TrackingSpec random_tracking(Random& random) {
    switch (random.below(9)) {
        case 0:
            return spec::TrackForks{.foreground_after = random_duration(random, 3s) + 1ms};
        case 1:
            return spec::TrackStops{};
        case 2:
            return spec::TrackPidFile{.path = "/run/web.pid", .look_again = one_in(random, 2)};
        case 3:
            return spec::TrackPidFile{.path = "/run/web.pid",
                                      .writer = spec::PidFileWriter::Reeve,
                                      .look_again = one_in(random, 2)};
        default:
            return spec::TrackForeground{};
    }
}

spec::Probe random_probe(Random& random, spec::CheckRole role) {
    switch (random.below(6)) {
        case 0:
            return spec::ExecProbe{spec::DirectCommand{{"check"}}};
        case 1:
            if (role == spec::CheckRole::Startup) return spec::UptimeProbe{3s};
            return spec::AlwaysTrueProbe{};
        case 2:
            if (role == spec::CheckRole::Liveness) return spec::WatchdogProbe{45s};
            return spec::MemoryProbe{1};
        default:
            return spec::TcpProbe{"127.0.0.1", 80};
    }
}

spec::CheckStep random_step(Random& random) {
    const std::uint32_t from = 1 + static_cast<std::uint32_t>(random.below(3));
    switch (random.below(9)) {
        case 0:
            return {spec::CheckNotify{}, from};
        case 1:
            return {spec::CheckSignal{SIGUSR2}, from};
        case 2:
            return {spec::CheckExec{spec::DirectCommand{{"step"}}}, from};
        case 3:
            return {spec::CheckStart{}, from};
        case 4:
            if (one_in(random, 3)) return {spec::CheckStop{}, from};
            return {spec::CheckUnmonitor{}, from};
        default:
            return {spec::CheckRestart{}, from};
    }
}

spec::Check random_check(Random& random, const std::string& name) {
    spec::Check check;
    check.name = name;
    check.role = static_cast<spec::CheckRole>(random.below(4));
    check.probe = random_probe(random, check.role);
    check.initial_delay = one_in(random, 2) ? 0s : random_duration(random, 10s);
    check.every = 10s + random_duration(random, 30s);
    check.timeout = 1s + random_duration(random, 5s);
    check.times.of = 1 + static_cast<std::uint32_t>(random.below(4));
    check.times.failures = 1 + static_cast<std::uint32_t>(random.below(check.times.of));
    for (std::uint64_t i = random.below(3); i > 0; --i)
        check.steps.push_back(random_step(random));
    check.warn_only = one_in(random, 8);
    return check;
}

std::vector<spec::Check> random_checks(Random& random) {
    std::vector<spec::Check> checks;
    if (!one_in(random, 3)) return checks;
    for (std::uint64_t i = 1 + random.below(3); i > 0; --i)
        checks.push_back(random_check(random, "c" + std::to_string(i)));
    return checks;
}

void make_job(Random& random, spec::Service& service) {
    service.job = random_job(random);
    service.rollout = spec::RolloutSpec{};
    if (one_in(random, 3)) return;  // any restart policy
    service.restart = spec::UpstartRestart{.respawn = one_in(random, 2), .task = service.job->task};
}

/// Drawn aside, so that the seeds that are kept go on telling their stories.
void choose_what_reload_does(Random random, spec::Service& service) {
    Random aside(~random.next());
    if (one_in(aside, 6)) service.on_remove = spec::OnRemove::Release;
    if (one_in(aside, 6)) service.on_change = spec::OnChange::NextStart;
}

spec::Service random_service(Random& random, const std::string& name) {
    spec::Service service;
    service.name = name;
    service.command = spec::DirectCommand{{"bin/" + name}};
    if (one_in(random, 6)) service.command = spec::DirectCommand{{kDoomed, name}};
    service.instances = static_cast<std::uint32_t>(random.below(4));
    service.auto_start = !one_in(random, 8);
    if (one_in(random, 3)) service.hooks.pre_start = random_hook(random);
    if (one_in(random, 5)) service.hooks.post_start = random_hook(random);
    if (one_in(random, 6)) service.hooks.pre_stop = random_hook(random);
    if (one_in(random, 5)) service.hooks.post_stop = random_hook(random);
    service.readiness = random_readiness(random);
    service.wants_port = std::holds_alternative<spec::ReadyOnPort>(service.readiness);
    service.checks = random_checks(random);
    service.stop = random_stop(random);
    service.restart = random_restart(random);
    service.tracking = random_tracking(random);
    if (one_in(random, 6)) {
        service.restart_command =
            spec::RestartCommand{spec::DirectCommand{{"again"}}, random_duration(random, 5s)};
    }
    service.rollout.order =
        one_in(random, 2) ? spec::ReplaceOrder::StartFirst : spec::ReplaceOrder::StopFirst;
    service.rollout.max_unavailable = 1 + static_cast<std::uint32_t>(random.below(2));
    service.rollout.drain = one_in(random, 2) ? 0s : 2s;
    if (one_in(random, 2)) service.rollout.proxy_wait = random_duration(random, 8s) + 1ms;
    if (one_in(random, 3)) service.rollout.retire_wait = random_duration(random, 40s) + 1ms;
    if (one_in(random, 3)) make_job(random, service);
    choose_what_reload_does(random, service);
    return service;
}

}  // namespace

spec::App random_app(Random& random, const std::string& name) {
    spec::App app;
    app.name = name;
    app.source = "/srv/" + name + "/Procfile";
    app.directory = "/srv/" + name;
    for (const char* service : {"clock", "web", "worker"}) {
        if (!one_in(random, 3)) app.services.push_back(random_service(random, service));
    }
    if (app.services.empty()) app.services.push_back(random_service(random, "web"));
    // Later names need earlier ones, the blog needs the shop: never a circle.
    for (std::size_t i = 0; i < app.services.size(); ++i) {
        if (i > 0 && one_in(random, 4)) {
            app.services[i].needs.push_back({"", app.services[random.below(i)].name});
        }
        if (name == "blog" && one_in(random, 6)) {
            app.services[i].needs.push_back({"shop", one_in(random, 2) ? "web" : ""});
        }
    }
    return app;
}

spec::App changed_app(Random& random, spec::App app) {
    spec::Service& service = app.services[random.below(app.services.size())];
    switch (random.below(6)) {
        case 0:
            app.environment["RELEASE"] = std::to_string(random.below(1000));
            break;
        case 1:
            service.command = spec::DirectCommand{{"bin/new", std::to_string(random.below(1000))}};
            break;
        case 2:
            service.stop = random_stop(random);
            service.restart = random_restart(random);
            service.checks = random_checks(random);
            break;
        case 3:
            service = random_service(random, service.name);
            break;
        case 4:
            if (app.services.size() > 1) app.services.pop_back();
            break;
        default:
            break;
    }
    return app;
}

Behaviour random_behaviour(Random& random, const core::SpawnRun& run) {
    Behaviour behaviour;
    if (one_in(random, 25)) behaviour.clone_error = one_in(random, 2) ? EAGAIN : ENOMEM;
    if (one_in(random, 40)) behaviour.exec_error = one_in(random, 2) ? ENOENT : EMFILE;
    if (one_in(random, 4)) behaviour.spawn_delay = random_duration(random, 8s);
    if (one_in(random, 60)) behaviour.spawn_delay.reset();
    const bool short_lived = run.role != core::RunRole::Main || one_in(random, 4);
    if (short_lived) {
        behaviour.dies_after = random_duration(random, one_in(random, 3) ? 20s : 1s);
    } else if (!one_in(random, 3)) {
        behaviour.dies_after = random_duration(random, 20min);
    }
    if (one_in(random, 3)) behaviour.exit = status::ExitCode{1};
    if (one_in(random, 12)) behaviour.exit = status::ExitCode{78};
    if (one_in(random, 8)) behaviour.exit = status::ExitSignal{SIGSEGV, true};
    if (run.role != core::RunRole::Main && one_in(random, 10)) behaviour.dies_after.reset();
    behaviour.leaves_others = one_in(random, 5);
    if (one_in(random, 2)) behaviour.others_live = random_duration(random, 5s);
    if (!one_in(random, 5)) behaviour.obeys_after = random_duration(random, 3s);
    if (!one_in(random, 4)) behaviour.ready_after = random_duration(random, 8s);
    if (one_in(random, 25)) behaviour.kill_delay = random_duration(random, 40s);
    if (run.role == core::RunRole::Main && one_in(random, 2)) {
        behaviour.forks = 1 + static_cast<int>(random.below(3));
        behaviour.forks_after = random_duration(random, one_in(random, 4) ? 10min : 2s);
        behaviour.named_after = random_duration(random, one_in(random, 3) ? 5s : 100ms);
    }
    behaviour.stops_itself = true;
    behaviour.runs_already = one_in(random, 6);
    if (one_in(random, 3)) behaviour.sick_after = random_duration(random, 3min);
    if (one_in(random, 2)) behaviour.well_after = random_duration(random, 6min);
    behaviour.answer_delay = random_duration(random, one_in(random, 3) ? 9s : 100ms);
    behaviour.hangs = one_in(random, 12);
    if (is_doomed(run)) {
        behaviour = Behaviour{.dies_after = random_duration(random, 2s)};
        behaviour.exit = status::ExitCode{1};
        behaviour.obeys_after = Duration{};
    }
    return behaviour;
}

}  // namespace reeve::sim
