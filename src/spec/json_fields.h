#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "spec/app.h"
#include "spec/configuration.h"
#include "spec/json_check_fields.h"
#include "spec/json_codec.h"

// Every value of an App under its name in JSON, described once: the writer and the reader both walk
// these lists, so what is written is what is read. Names of fields are a stored format: a field may
// be added (with a default that keeps the old meaning), never renamed. So are their defaults, since
// a field that has its default is not stored: a default is never changed.
//
// A codec has `required(name, value)` and `field(name, value)`; both take every type used here.
namespace reeve::spec::json {

template <>
struct Words<Shell> {
    static constexpr std::array<std::string_view, 4> kAll = {"bash", "sh-errexit", "sh",
                                                             "sh-errexit-file"};
};
template <>
struct Words<PidFileWriter> {
    static constexpr std::array<std::string_view, 2> kAll = {"program", "reeve"};
};
template <>
struct Words<EnvironmentBase> {
    static constexpr std::array<std::string_view, 3> kAll = {"login", "home", "nothing"};
};
template <>
struct Words<SignalScope> {
    static constexpr std::array<std::string_view, 3> kAll = {"all", "main", "group"};
};
template <>
struct Words<HookFailure> {
    static constexpr std::array<std::string_view, 2> kAll = {"ignore", "fail-start"};
};
template <>
struct Words<NotReady> {
    static constexpr std::array<std::string_view, 2> kAll = {"proceed", "fail"};
};
template <>
struct Words<ReplaceOrder> {
    static constexpr std::array<std::string_view, 2> kAll = {"stop-first", "start-first"};
};
template <>
struct Words<OnRemove> {
    static constexpr std::array<std::string_view, 2> kAll = {"stop", "release"};
};
template <>
struct Words<OnChange> {
    static constexpr std::array<std::string_view, 2> kAll = {"replace", "next-start"};
};
template <>
struct Words<DockerMode> {
    static constexpr std::array<std::string_view, 4> kAll = {"no", "always", "unless-stopped",
                                                             "on-failure"};
};
template <>
struct Words<SystemdMode> {
    static constexpr auto kAll = std::to_array<std::string_view>(
        {"no", "on-success", "on-failure", "on-abnormal", "on-abort", "always"});
};
template <>
struct Words<SupervisordMode> {
    static constexpr std::array<std::string_view, 3> kAll = {"never", "unexpected", "always"};
};
template <>
struct Words<Role> {
    static constexpr std::array<std::string_view, 4> kAll = {"view", "operate", "deploy", "admin"};
};
template <>
struct Words<Format> {
    static constexpr std::array<std::string_view, 4> kAll = {"procfile", "native", "bluepill",
                                                             "upstart"};
};

template <>
inline constexpr std::string_view kKind<DirectCommand> = "direct";
template <>
inline constexpr std::string_view kKind<ShellCommand> = "shell";
template <>
inline constexpr std::string_view kKind<ReadyOnSpawn> = "spawn";
template <>
inline constexpr std::string_view kKind<ReadyOnPort> = "port";
template <>
inline constexpr std::string_view kKind<ReadyAfter> = "uptime";
template <>
inline constexpr std::string_view kKind<TrackForeground> = "foreground";
template <>
inline constexpr std::string_view kKind<TrackForks> = "forks";
template <>
inline constexpr std::string_view kKind<TrackStops> = "stops";
template <>
inline constexpr std::string_view kKind<TrackPidFile> = "pid-file";
template <>
inline constexpr std::string_view kKind<NullFile> = "null";
template <>
inline constexpr std::string_view kKind<PathFile> = "path";
template <>
inline constexpr std::string_view kKind<ConsoleFile> = "console";
template <>
inline constexpr std::string_view kKind<LogFile> = "log";
template <>
inline constexpr std::string_view kKind<ReadyOnNotify> = "notify";
template <>
inline constexpr std::string_view kKind<ReadyOnFd> = "fd";
template <>
inline constexpr std::string_view kKind<AutoRestart> = "auto";
template <>
inline constexpr std::string_view kKind<DockerRestart> = "docker";
template <>
inline constexpr std::string_view kKind<NoRestart> = "none";
template <>
inline constexpr std::string_view kKind<UpstartRestart> = "upstart";
template <>
inline constexpr std::string_view kKind<SystemdRestart> = "systemd";
template <>
inline constexpr std::string_view kKind<SupervisordRestart> = "supervisord";
template <>
inline constexpr std::string_view kKind<BluepillRestart> = "bluepill";
template <>
inline constexpr std::string_view kKind<EventMatch> = "event";
template <>
inline constexpr std::string_view kKind<EventAnd> = "and";
template <>
inline constexpr std::string_view kKind<EventOr> = "or";

template <typename Codec>
void visit_fields(Codec& codec, Of<DirectCommand> auto& value) {
    codec.required("argv", value.argv);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<ShellCommand> auto& value) {
    codec.required("text", value.text);
    codec.field("shell", value.shell);
}

template <typename Codec>
void visit_fields(Codec&, Of<ReadyOnSpawn> auto&) {}

template <typename Codec>
void visit_fields(Codec& codec, Of<ReadyOnPort> auto& value) {
    codec.field("timeout_ns", value.timeout);
    codec.field("afterwards", value.afterwards);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<ReadyAfter> auto& value) {
    codec.field("uptime_ns", value.uptime);
}

template <typename Codec>
void visit_fields(Codec&, Of<TrackForeground> auto&) {}

template <typename Codec>
void visit_fields(Codec& codec, Of<TrackForks> auto& value) {
    codec.field("foreground_after_ns", value.foreground_after);
    codec.field("pid_file", value.pid_file);
}

template <typename Codec>
void visit_fields(Codec&, Of<TrackStops> auto&) {}

template <typename Codec>
void visit_fields(Codec& codec, Of<TrackPidFile> auto& value) {
    codec.required("path", value.path);
    codec.field("writer", value.writer);
    codec.field("pid_command", value.pid_command);
    codec.field("look_again", value.look_again);
    codec.field("start_grace_ns", value.start_grace);
}

template <typename Codec>
void visit_fields(Codec&, Of<NullFile> auto&) {}

template <typename Codec>
void visit_fields(Codec& codec, Of<PathFile> auto& value) {
    codec.required("path", value.path);
}

template <typename Codec>
void visit_fields(Codec&, Of<ConsoleFile> auto&) {}

template <typename Codec>
void visit_fields(Codec&, Of<LogFile> auto&) {}

template <typename Codec>
void visit_fields(Codec& codec, Of<StdioSpec> auto& value) {
    codec.field("input", value.input);
    codec.field("output", value.output);
    codec.field("error", value.error);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<LogSpec> auto& value) {
    codec.field("path", value.path);
    codec.field("timestamps", value.timestamps);
    codec.field("rotate", value.rotate);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<RestartCommand> auto& value) {
    codec.required("command", value.command);
    codec.field("timeout_ns", value.timeout);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<ReadyOnNotify> auto& value) {
    codec.field("timeout_ns", value.timeout);
    codec.field("afterwards", value.afterwards);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<ReadyOnFd> auto& value) {
    codec.field("fd", value.fd);
    codec.field("timeout_ns", value.timeout);
    codec.field("afterwards", value.afterwards);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<AutoRestart> auto& value) {
    codec.field("good_service_ns", value.good_service);
    codec.field("first_pause_ns", value.first_pause);
    codec.field("pause_unit_ns", value.pause_unit);
    codec.field("jitter_percent", value.jitter_percent);
    codec.field("cap_unstable_ns", value.cap_unstable);
    codec.field("cap_after_service_ns", value.cap_after_service);
    codec.field("forget_after_ns", value.forget_after);
    codec.field("crash_loop_ends", value.crash_loop_ends);
    codec.field("crash_loop_within_ns", value.crash_loop_within);
    codec.field("restart_after_success", value.restart_after_success);
    codec.field("no_restart_codes", value.no_restart_codes);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<DockerRestart> auto& value) {
    codec.required("mode", value.mode);
    codec.field("retries_max", value.retries_max);
    codec.field("first_pause_ns", value.first_pause);
    codec.field("cap_ns", value.cap);
    codec.field("reset_after_ns", value.reset_after);
    codec.field("forget_after_ns", value.forget_after);
}

template <typename Codec>
void visit_fields(Codec&, Of<NoRestart> auto&) {}

template <typename Codec>
void visit_fields(Codec& codec, Of<UpstartRestart> auto& value) {
    codec.field("respawn", value.respawn);
    codec.field("task", value.task);
    codec.field("limit", value.limit);
    codec.field("interval_ns", value.interval);
    codec.field("normal_codes", value.normal_codes);
    codec.field("normal_signals", value.normal_signals);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<SystemdRestart> auto& value) {
    codec.required("mode", value.mode);
    codec.field("pause_ns", value.pause);
    codec.field("start_limit_burst", value.start_limit_burst);
    codec.field("start_limit_interval_ns", value.start_limit_interval);
    codec.field("steps", value.steps);
    codec.field("pause_max_ns", value.pause_max);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<SupervisordRestart> auto& value) {
    codec.required("mode", value.mode);
    codec.field("start_seconds_ns", value.start_seconds);
    codec.field("retries_max", value.retries_max);
    codec.field("expected_codes", value.expected_codes);
    codec.field("pause_ns", value.pause);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<Flapping> auto& value) {
    codec.required("times", value.times);
    codec.required("within_ns", value.within);
    codec.required("retry_in_ns", value.retry_in);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<BluepillRestart> auto& value) {
    codec.field("tick_ns", value.tick);
    codec.field("start_grace_ns", value.start_grace);
    codec.field("flapping", value.flapping);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<StopStep> auto& value) {
    codec.required("signal", value.signal);
    codec.required("wait_ns", value.wait);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<StopSpec> auto& value) {
    codec.required("steps", value.steps);
    codec.field("scope", value.scope);
    codec.field("command", value.command);
    codec.field("command_timeout_ns", value.command_timeout);
    codec.field("leftovers_wait_ns", value.leftovers_wait);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<ChildrenSpec> auto& value) {
    codec.field("stop", value.stop);
    codec.field("checks", value.checks);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<Hook> auto& value) {
    codec.required("command", value.command);
    codec.field("timeout_ns", value.timeout);
    codec.field("on_failure", value.on_failure);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<Hooks> auto& value) {
    codec.field("pre_start", value.pre_start);
    codec.field("post_start", value.post_start);
    codec.field("pre_stop", value.pre_stop);
    codec.field("post_stop", value.post_stop);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<ResourceLimit> auto& value) {
    codec.required("resource", value.resource);
    codec.required("soft", value.soft);
    codec.required("hard", value.hard);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<GroupLimits> auto& value) {
    codec.field("memory_max_bytes", value.memory_max_bytes);
    codec.field("memory_high_bytes", value.memory_high_bytes);
    codec.field("memory_low_bytes", value.memory_low_bytes);
    codec.field("swap_max_bytes", value.swap_max_bytes);
    codec.field("cpu_percent_hundredths", value.cpu_percent_hundredths);
    codec.field("cpu_weight", value.cpu_weight);
    codec.field("processes_max", value.processes_max);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<Need> auto& value) {
    codec.field("app", value.app);
    codec.field("service", value.service);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<Credentials> auto& value) {
    codec.field("user", value.user);
    codec.field("group", value.group);
    codec.field("supplementary_groups", value.supplementary_groups);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<RolloutSpec> auto& value) {
    codec.field("order", value.order);
    codec.field("max_unavailable", value.max_unavailable);
    codec.field("drain_ns", value.drain);
    codec.field("proxy_wait_ns", value.proxy_wait);
    codec.field("retire_wait_ns", value.retire_wait);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<EventArgument> auto& value) {
    codec.field("key", value.key);
    codec.required("pattern", value.pattern);
    codec.field("negated", value.negated);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<EventMatch> auto& value) {
    codec.required("name", value.name);
    codec.field("arguments", value.arguments);
}

template <typename Codec>
void visit_fields(Codec&, Of<EventAnd> auto&) {}

template <typename Codec>
void visit_fields(Codec&, Of<EventOr> auto&) {}

template <typename Codec>
void visit_fields(Codec& codec, Of<EventExpr> auto& value) {
    codec.required("nodes", value.nodes);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<JobSpec> auto& value) {
    codec.field("start_on", value.start_on);
    codec.field("stop_on", value.stop_on);
    codec.field("instance", value.instance);
    codec.field("inherited", value.inherited);
    codec.field("exports", value.exports);
    codec.field("emits", value.emits);
    codec.field("task", value.task);
    codec.field("has_main", value.has_main);
    codec.field("manual", value.manual);
    codec.field("usage", value.usage);
    codec.field("description", value.description);
    codec.field("author", value.author);
    codec.field("version", value.version);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<GroupTurns> auto& value) {
    codec.field("start", value.start);
    codec.field("stop", value.stop);
    codec.field("restart", value.restart);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<Listing> auto& value) {
    codec.field("group", value.group);
    codec.field("position", value.position);
    codec.field("waits", value.waits);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<Service> auto& value) {
    codec.required("name", value.name);
    codec.field("listing", value.listing);
    codec.required("command", value.command);
    codec.field("working_dir", value.working_dir);
    codec.field("sets_pwd", value.sets_pwd);
    codec.field("chroot", value.chroot);
    codec.field("environment_base", value.environment_base);
    codec.field("environment", value.environment);
    codec.field("credentials", value.credentials);
    codec.field("umask", value.umask);
    codec.field("nice", value.nice);
    codec.field("oom_score_adjust", value.oom_score_adjust);
    codec.field("limits", value.limits);
    codec.field("ignores_hangup", value.ignores_hangup);
    codec.field("stdio", value.stdio);
    codec.field("log", value.log);
    codec.field("tracking", value.tracking);
    codec.field("monitor_children", value.monitor_children);
    codec.field("group_limits", value.group_limits);
    codec.field("instances", value.instances);
    codec.field("wants_port", value.wants_port);
    codec.field("auto_start", value.auto_start);
    codec.field("hooks", value.hooks);
    codec.field("readiness", value.readiness);
    codec.field("checks", value.checks);
    codec.field("needs", value.needs);
    codec.field("stop", value.stop);
    codec.field("restart", value.restart);
    codec.field("restart_command", value.restart_command);
    codec.field("reload_signal", value.reload_signal);
    codec.field("rollout", value.rollout);
    codec.field("on_change", value.on_change);
    codec.field("on_remove", value.on_remove);
    codec.field("spawn_timeout_ns", value.spawn_timeout);
    codec.field("job", value.job);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<AccessRule> auto& value) {
    codec.required("role", value.role);
    codec.field("users", value.users);
    codec.field("groups", value.groups);
    codec.field("apps", value.apps);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<Configuration> auto& value) {
    codec.field("allow", value.allow);
    codec.field("bluepill_pid_files", value.bluepill_pid_files);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<ChangeLog> auto& value) {
    codec.required("path", value.path);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<App> auto& value) {
    codec.required("name", value.name);
    codec.field("format", value.format);
    codec.field("source", value.source);
    codec.field("directory", value.directory);
    codec.field("environment", value.environment);
    codec.field("release_command", value.release_command);
    codec.field("formation_fixed", value.formation_fixed);
    codec.field("change_log", value.change_log);
    codec.required("services", value.services);
}

}  // namespace reeve::spec::json
