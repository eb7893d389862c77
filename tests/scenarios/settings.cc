#include "scenarios/settings.h"

#include <errno.h>

#include "base/text.h"

namespace reeve::scenarios {
namespace {

Result<Duration> milliseconds(std::string_view text) {
    return Duration(std::chrono::milliseconds(TRY(parse_integer(text))));
}

Result<std::optional<Duration>> milliseconds_or_never(std::string_view text) {
    if (text == "never") return std::optional<Duration>();
    return std::optional<Duration>(TRY(milliseconds(text)));
}

/// `ignore` or a timeout in milliseconds.
Result<spec::Hook> hook_of(std::string_view text) {
    spec::Hook hook{.command = spec::DirectCommand{{"hook"}}};
    if (text == "ignore") {
        hook.on_failure = spec::HookFailure::Ignore;
        return hook;
    }
    hook.timeout = TRY(milliseconds(text));
    return hook;
}

Result<spec::ReadinessSpec> readiness_of(std::string_view text) {
    const std::vector<std::string_view> parts = split(text, ':');
    if (parts[0] == "spawn") return spec::ReadinessSpec(spec::ReadyOnSpawn{});
    if (parts.size() < 2) return Error{"ready=spawn|port:MS[:fail]|after:MS"};
    const Duration time = TRY(milliseconds(parts[1]));
    if (parts[0] == "after") return spec::ReadinessSpec(spec::ReadyAfter{time});
    const bool fail = parts.size() > 2;
    return spec::ReadinessSpec(
        spec::ReadyOnPort{time, fail ? spec::NotReady::Fail : spec::NotReady::Proceed});
}

/// `forks:MS`, `stops`, `pid-file:MS`, `written`, each with `:again` where the pid is looked up
/// anew.
Result<spec::TrackingSpec> tracking_of(std::string_view text) {
    const std::vector<std::string_view> parts = split(text, ':');
    const bool again = parts.back() == "again";
    if (parts[0] == "stops") return spec::TrackingSpec(spec::TrackStops{});
    if (parts[0] == "written") {
        return spec::TrackingSpec(spec::TrackPidFile{
            .path = "/run/web.pid", .writer = spec::PidFileWriter::Reeve, .look_again = again});
    }
    if (parts.size() < 2) return Error{"track=forks:MS|stops|pid-file:MS|written"};
    const Duration time = TRY(milliseconds(parts[1]));
    if (parts[0] == "forks") return spec::TrackingSpec(spec::TrackForks{time, ""});
    return spec::TrackingSpec(
        spec::TrackPidFile{.path = "/run/web.pid", .look_again = again, .start_grace = time});
}

/// `3:10000`: the limit and the interval of Upstart's respawns.
Result<spec::UpstartRestart> respawn_of(std::string_view text) {
    const std::vector<std::string_view> parts = split(text, ':');
    if (parts.size() != 2) return Error{"respawn=LIMIT:MS"};
    spec::UpstartRestart restart;
    restart.limit = static_cast<std::uint32_t>(TRY(parse_integer(parts[0])));
    restart.interval = TRY(milliseconds(parts[1]));
    return restart;
}

/// `3:15000:7000`: Bluepill's rule with its trigger's times, within and retry_in.
Result<spec::BluepillRestart> flapping_of(std::string_view text) {
    const std::vector<std::string_view> parts = split(text, ':');
    if (parts.size() != 3) return Error{"flapping=TIMES:MS:MS"};
    spec::Flapping flapping;
    flapping.times = static_cast<std::uint32_t>(TRY(parse_integer(parts[0])));
    flapping.within = TRY(milliseconds(parts[1]));
    flapping.retry_in = TRY(milliseconds(parts[2]));
    return spec::BluepillRestart{.flapping = flapping};
}

/// `QUIT:30000,TERM:5000`.
Result<std::vector<spec::StopStep>> steps_of(std::string_view text) {
    std::vector<spec::StopStep> steps;
    for (const std::string_view step : split(text, ',')) {
        const std::vector<std::string_view> sides = split(step, ':');
        if (sides.size() != 2) return Error{"stop=SIGNAL:MS,…"};
        steps.push_back(
            {status::signal_number(std::string(sides[0])), TRY(milliseconds(sides[1]))});
    }
    return steps;
}

}  // namespace

spec::Service default_service(const std::string& name) {
    spec::Service service;
    service.name = name;
    service.command = spec::DirectCommand{{"bin/" + name}};
    service.restart = spec::AutoRestart{.jitter_percent = 0};
    return service;
}

sim::Behaviour default_main() {
    sim::Behaviour life;
    life.obeys_after = Duration{};
    return life;
}

sim::Behaviour default_hook() {
    sim::Behaviour life;
    life.dies_after = Duration{};
    life.obeys_after = Duration{};
    return life;
}

status::Exit exit_of(std::string_view text) {
    const Result<std::int64_t> code = parse_integer(text);
    if (code.ok()) return status::ExitCode{static_cast<int>(*code)};
    return status::ExitSignal{status::signal_number(std::string(text)), false};
}

Result<void> set_service(spec::Service& service, std::string_view setting) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string_view::npos) return Error{"not key=value: " + std::string(setting)};
    const std::string_view key = setting.substr(0, equals);
    const std::string_view value = setting.substr(equals + 1);
    const auto number = [&] { return parse_integer(value); };
    if (key == "n") {
        service.instances = static_cast<std::uint32_t>(TRY(number()));
    } else if (key == "order") {
        service.rollout.order =
            value == "start-first" ? spec::ReplaceOrder::StartFirst : spec::ReplaceOrder::StopFirst;
    } else if (key == "unavailable") {
        service.rollout.max_unavailable = static_cast<std::uint32_t>(TRY(number()));
    } else if (key == "drain") {
        service.rollout.drain = TRY(milliseconds(value));
    } else if (key == "restart") {
        const auto restart = spec::restart_from_text(std::string(value));
        if (!restart) return Error{"no such restart policy: " + std::string(value)};
        service.restart = *restart;
    } else if (key == "respawn") {
        service.restart = TRY(respawn_of(value));
    } else if (key == "flapping") {
        service.restart = TRY(flapping_of(value));
    } else if (key == "ready") {
        service.readiness = TRY(readiness_of(value));
        service.wants_port = true;
    } else if (key == "track") {
        service.tracking = TRY(tracking_of(value));
    } else if (key == "restart-command") {
        service.restart_command =
            spec::RestartCommand{spec::DirectCommand{{"again"}}, TRY(milliseconds(value))};
    } else if (key == "stop") {
        service.stop.steps = TRY(steps_of(value));
    } else if (key == "scope") {
        service.stop.scope = value == "main" ? spec::SignalScope::Main : spec::SignalScope::Group;
    } else if (key == "leftovers") {
        service.stop.leftovers_wait = TRY(milliseconds(value));
    } else if (key == "pre-start") {
        service.hooks.pre_start = TRY(hook_of(value));
    } else if (key == "post-start") {
        service.hooks.post_start = TRY(hook_of(value));
    } else if (key == "pre-stop") {
        service.hooks.pre_stop = TRY(hook_of(value));
    } else if (key == "post-stop") {
        service.hooks.post_stop = TRY(hook_of(value));
    } else if (key == "stop-command") {
        service.stop.command = spec::DirectCommand{{"stop"}};
        service.stop.command_timeout = TRY(milliseconds(value));
    } else if (key == "spawn-timeout") {
        service.spawn_timeout = TRY(milliseconds(value));
    } else if (key == "command") {
        service.command = spec::DirectCommand{{std::string(value)}};
    } else {
        return Error{"no such setting: " + std::string(key)};
    }
    return {};
}

Result<void> set_life(sim::Behaviour& life, std::string_view setting) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string_view::npos) return Error{"not key=value: " + std::string(setting)};
    const std::string_view key = setting.substr(0, equals);
    const std::string_view value = setting.substr(equals + 1);
    if (key == "spawn") {
        life.spawn_delay = TRY(milliseconds_or_never(value));
    } else if (key == "error") {
        life.exec_error = value == "ENOENT" ? ENOENT : 0;
        life.clone_error = value == "EAGAIN" ? EAGAIN : 0;
    } else if (key == "dies") {
        life.dies_after = TRY(milliseconds_or_never(value));
    } else if (key == "exit") {
        life.exit = exit_of(value);
    } else if (key == "obeys") {
        life.obeys_after = TRY(milliseconds_or_never(value));
    } else if (key == "kill") {
        life.kill_delay = TRY(milliseconds(value));
    } else if (key == "ready") {
        life.ready_after = TRY(milliseconds_or_never(value));
    } else if (key == "forks") {
        life.forks = static_cast<int>(TRY(parse_integer(value)));
    } else if (key == "forks-after") {
        life.forks_after = TRY(milliseconds(value));
    } else if (key == "named") {
        life.named_after = TRY(milliseconds(value));
    } else if (key == "stops") {
        life.stops_itself = value == "yes";
    } else if (key == "runs-already") {
        life.runs_already = value == "yes";
    } else if (key == "leaves") {
        life.leaves_others = value == "others";
    } else {
        return Error{"no such setting: " + std::string(key)};
    }
    return {};
}

}  // namespace reeve::scenarios
