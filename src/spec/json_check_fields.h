#pragma once

#include <array>
#include <string_view>

#include "spec/check_spec.h"
#include "spec/json_codec.h"

// The part of spec/json_fields.h that is about checks.
namespace reeve::spec::json {

template <>
struct Words<Measured> {
    static constexpr auto kAll = std::to_array<std::string_view>({"process", "descendants", "run"});
};
template <>
struct Words<CpuMeasure> {
    static constexpr auto kAll = std::to_array<std::string_view>({"lifetime", "recent"});
};
template <>
struct Words<HttpScheme> {
    static constexpr auto kAll =
        std::to_array<std::string_view>({"http", "https", "https-unverified"});
};
template <>
struct Words<CheckRole> {
    static constexpr auto kAll =
        std::to_array<std::string_view>({"plain", "startup", "readiness", "liveness"});
};

template <>
inline constexpr std::string_view kKind<CpuProbe> = "cpu";
template <>
inline constexpr std::string_view kKind<MemoryProbe> = "memory";
template <>
inline constexpr std::string_view kKind<RunningTimeProbe> = "running-time";
template <>
inline constexpr std::string_view kKind<FileAgeProbe> = "file-age";
template <>
inline constexpr std::string_view kKind<HttpProbe> = "http";
template <>
inline constexpr std::string_view kKind<TcpProbe> = "tcp";
template <>
inline constexpr std::string_view kKind<UnixProbe> = "unix";
template <>
inline constexpr std::string_view kKind<ListeningProbe> = "listening";
template <>
inline constexpr std::string_view kKind<ExecProbe> = "exec";
template <>
inline constexpr std::string_view kKind<ZombieProbe> = "zombie";
template <>
inline constexpr std::string_view kKind<UptimeProbe> = "uptime";
template <>
inline constexpr std::string_view kKind<WatchdogProbe> = "watchdog";
template <>
inline constexpr std::string_view kKind<AlwaysTrueProbe> = "always-true";
template <>
inline constexpr std::string_view kKind<CustomProbe> = "custom";
template <>
inline constexpr std::string_view kKind<BodyContains> = "contains";
template <>
inline constexpr std::string_view kKind<BodyMatches> = "matches";
template <>
inline constexpr std::string_view kKind<CheckNotify> = "notify";
template <>
inline constexpr std::string_view kKind<CheckRestart> = "restart";
template <>
inline constexpr std::string_view kKind<CheckStop> = "stop";
template <>
inline constexpr std::string_view kKind<CheckStart> = "start";
template <>
inline constexpr std::string_view kKind<CheckSignal> = "signal";
template <>
inline constexpr std::string_view kKind<CheckUnmonitor> = "unmonitor";
template <>
inline constexpr std::string_view kKind<CheckExec> = "exec";

template <typename Codec>
void visit_fields(Codec& codec, Of<CpuProbe> auto& value) {
    codec.field("below_percent_hundredths", value.below_percent_hundredths);
    codec.field("measure", value.measure);
    codec.field("of", value.of);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<MemoryProbe> auto& value) {
    codec.required("below_bytes", value.below_bytes);
    codec.field("of", value.of);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<RunningTimeProbe> auto& value) {
    codec.field("below_ns", value.below);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<FileAgeProbe> auto& value) {
    codec.required("path", value.path);
    codec.field("below_ns", value.below);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<HttpHeader> auto& value) {
    codec.required("name", value.name);
    codec.field("value", value.value);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<HttpStatusRange> auto& value) {
    codec.field("first", value.first);
    codec.field("last", value.last);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<BodyContains> auto& value) {
    codec.required("text", value.text);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<BodyMatches> auto& value) {
    codec.required("pattern", value.pattern);
    codec.field("ignore_case", value.ignore_case);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<HttpProbe> auto& value) {
    codec.field("scheme", value.scheme);
    codec.field("host", value.host);
    codec.field("port", value.port);
    codec.field("path", value.path);
    codec.field("headers", value.headers);
    codec.field("expected", value.expected);
    codec.field("body", value.body);
    codec.field("redirects_max", value.redirects_max);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<TcpProbe> auto& value) {
    codec.field("host", value.host);
    codec.field("port", value.port);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<UnixProbe> auto& value) {
    codec.required("path", value.path);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<ListeningProbe> auto& value) {
    codec.field("port", value.port);
    codec.field("beyond_loopback", value.beyond_loopback);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<ExecProbe> auto& value) {
    codec.required("command", value.command);
}

template <typename Codec>
void visit_fields(Codec&, Of<ZombieProbe> auto&) {}

template <typename Codec>
void visit_fields(Codec& codec, Of<UptimeProbe> auto& value) {
    codec.field("at_least_ns", value.at_least);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<WatchdogProbe> auto& value) {
    codec.field("within_ns", value.within);
}

template <typename Codec>
void visit_fields(Codec&, Of<AlwaysTrueProbe> auto&) {}

template <typename Codec>
void visit_fields(Codec& codec, Of<CustomProbe> auto& value) {
    codec.required("evaluator", value.evaluator);
    codec.field("definition", value.definition);
    codec.field("of", value.of);
}

template <typename Codec>
void visit_fields(Codec&, Of<CheckNotify> auto&) {}

template <typename Codec>
void visit_fields(Codec&, Of<CheckRestart> auto&) {}

template <typename Codec>
void visit_fields(Codec&, Of<CheckStop> auto&) {}

template <typename Codec>
void visit_fields(Codec&, Of<CheckStart> auto&) {}

template <typename Codec>
void visit_fields(Codec& codec, Of<CheckSignal> auto& value) {
    codec.required("signal", value.signal);
}

template <typename Codec>
void visit_fields(Codec&, Of<CheckUnmonitor> auto&) {}

template <typename Codec>
void visit_fields(Codec& codec, Of<CheckExec> auto& value) {
    codec.required("command", value.command);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<CheckStep> auto& value) {
    codec.required("action", value.action);
    codec.field("from_firing", value.from_firing);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<CheckTimes> auto& value) {
    codec.field("failures", value.failures);
    codec.field("of", value.of);
}

template <typename Codec>
void visit_fields(Codec& codec, Of<Check> auto& value) {
    codec.required("name", value.name);
    codec.required("probe", value.probe);
    codec.field("role", value.role);
    codec.field("initial_delay_ns", value.initial_delay);
    codec.field("every_ns", value.every);
    codec.field("timeout_ns", value.timeout);
    codec.field("times", value.times);
    codec.field("steps", value.steps);
    codec.field("warn_only", value.warn_only);
}

}  // namespace reeve::spec::json
