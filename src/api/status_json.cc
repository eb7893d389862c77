#include "api/status_json.h"

#include <algorithm>

#include "base/text.h"

namespace reeve::api {
namespace {

/// The number of the API's version; grows when a member changes its meaning.
constexpr int kApiVersion = 1;
/// What most instances take; to grow with each of thousands would be to copy all several times.
constexpr std::size_t kInstanceBytes = 768;

void number_or_null(JsonWriter& json, std::string_view key, std::int64_t number) {
    json.key(key);
    number == 0 ? json.null() : json.number(number);
}

void text_or_null(JsonWriter& json, std::string_view key, std::string_view text) {
    json.key(key);
    text.empty() ? json.null() : json.text(text);
}

void write_exit(JsonWriter& json, const std::optional<status::Exit>& exit) {
    json.key("last_exit");
    if (!exit) {
        json.null();
        return;
    }
    json.begin_object();
    if (const auto* code = std::get_if<status::ExitCode>(&*exit)) {
        json.member_number("code", code->code);
    } else if (const auto* signal = std::get_if<status::ExitSignal>(&*exit)) {
        json.member("signal", status::signal_name(signal->signal));
        json.member_flag("core_dumped", signal->core_dumped);
    }
    json.member("text", to_text(*exit));
    json.end_object();
}

void write_runs(JsonWriter& json, const std::vector<status::Run>& runs, const Moment& now) {
    json.key("runs");
    json.begin_list();
    for (const status::Run& run : runs) {
        json.begin_object();
        json.member("id", to_hex(run.id));
        json.member("role", run.role);
        number_or_null(json, "pid", run.pid);
        json.member("since", to_text(wall_time(run.since, now)));
        json.end_object();
    }
    json.end_list();
}

void write_checks(JsonWriter& json, const std::vector<status::Check>& checks) {
    json.key("checks");
    json.begin_list();
    for (const status::Check& check : checks) {
        json.begin_object();
        json.member("name", check.name);
        json.member("role", check.role);
        json.member("what", check.what);
        json.member("verdict", to_text(check.verdict));
        json.member("samples", check.samples);
        json.end_object();
    }
    json.end_list();
}

void write_app(JsonWriter& json, const status::App& app) {
    json.begin_object();
    json.member("name", app.name);
    json.member("format", app.format);
    json.member("source", app.source);
    json.member("directory", app.directory);
    json.member_flag("formation_fixed", app.formation_fixed);
    json.key("formation");
    json.begin_list();
    for (const status::App::Formation& formation : app.formation) {
        json.begin_object();
        json.member("service", formation.service);
        json.member_number("wanted", formation.wanted);
        json.member_number("running", formation.running);
        json.end_object();
    }
    json.end_list();
    json.end_object();
}

void write_daemon(JsonWriter& json, const Backend& backend, const Moment& now) {
    const DaemonInfo info = backend.daemon_info();
    json.begin_object();
    json.member("version", info.version);
    json.member_number("api", kApiVersion);
    json.member_number("pid", info.pid);
    number_or_null(json, "keeper_pid", info.keeper_pid);
    number_or_null(json, "scribe_pid", backend.scribe_pid());
    json.member("mode", info.mode);
    json.member("since", to_text(wall_time(info.since, now)));
    json.key("warnings");
    json.begin_list();
    for (const std::string& warning : info.warnings)
        json.text(warning);
    json.end_list();
    json.end_object();
}

}  // namespace

WallTime wall_time(TimePoint time, const Moment& now) {
    return WallTime{now.wall.nanoseconds - (now.steady - time).count()};
}

bool names_app(const std::vector<spec::Target>& targets, const std::string& app) {
    return targets.empty() ||
           std::any_of(targets.begin(), targets.end(),
                       [&](const spec::Target& target) { return glob_matches(target.app, app); });
}

void write_instance(JsonWriter& json, const status::Instance& instance, std::string_view log,
                    const Moment& now) {
    json.begin_object();
    write_instance_name(json, instance.name);
    json.member("state", to_text(instance.state));
    json.member("goal", to_text(instance.goal));
    number_or_null(json, "pid", instance.pid);
    json.member_flag("ready", instance.ready);
    json.member_number("restarts", instance.restarts);
    json.member("since", to_text(wall_time(instance.since, now)));
    json.member("reason", instance.reason);
    number_or_null(json, "port", instance.port);
    text_or_null(json, "log", log);
    json.key("next_attempt");
    instance.next_attempt ? json.text(to_text(wall_time(*instance.next_attempt, now)))
                          : json.null();
    write_exit(json, instance.last_exit);
    text_or_null(json, "group", instance.group);
    json.member_number("position", instance.position);
    json.member_flag("monitors_children", instance.monitors_children);
    json.member("command", instance.command);
    json.member("restart_policy", instance.restart);
    write_runs(json, instance.runs, now);
    write_checks(json, instance.checks);
    text_or_null(json, "said", instance.said);
    json.key("limits");
    json.begin_list();
    for (const std::string& limit : instance.limits)
        json.text(limit);
    json.end_list();
    json.end_object();
}

std::vector<status::Instance> instances_of(const Backend& backend,
                                           const std::vector<spec::Target>& targets) {
    std::vector<status::Instance> instances;
    backend.visit_instances(
        targets, [&](status::Instance& instance) { instances.push_back(std::move(instance)); });
    return instances;
}

std::string status_json(const Backend& backend, const std::vector<spec::Target>& targets,
                        const std::vector<status::Instance>& instances) {
    const Moment now = backend.now();
    JsonWriter json;
    json.reserve(instances.size() * kInstanceBytes);
    json.begin_object();
    json.key("instances");
    json.begin_list();
    for (const status::Instance& instance : instances)
        write_instance(json, instance, backend.log_path(instance.name), now);
    json.end_list();
    json.key("apps");
    json.begin_list();
    for (const status::App& app : backend.apps()) {
        if (names_app(targets, app.name)) write_app(json, app);
    }
    json.end_list();
    json.key("daemon");
    write_daemon(json, backend, now);
    json.end_object();
    return json.take() + "\n";
}

void write_transition(JsonWriter& json, const status::Transition& transition) {
    json.begin_object();
    json.member("time", to_text(transition.wall));
    write_instance_name(json, transition.instance);
    json.member("from", to_text(transition.from));
    json.member("to", to_text(transition.to));
    json.member("reason", transition.reason);
    number_or_null(json, "pid", transition.pid);
    json.key("cause");
    json.begin_object();
    json.member_number("id", static_cast<std::int64_t>(transition.cause.id));
    json.member("kind", to_text(transition.cause.kind));
    json.member("text", transition.cause.text);
    json.end_object();
    json.end_object();
}

std::string history_json(const std::vector<status::Transition>& transitions) {
    JsonWriter json;
    json.begin_object();
    json.key("transitions");
    json.begin_list();
    for (const status::Transition& transition : transitions)
        write_transition(json, transition);
    json.end_list();
    json.end_object();
    return json.take() + "\n";
}

std::string_view to_text(Finding::Level level) {
    switch (level) {
        case Finding::Level::Ok:
            return "ok";
        case Finding::Level::Note:
            return "note";
        case Finding::Level::Warning:
            return "warning";
        case Finding::Level::Error:
            return "error";
    }
    return "error";
}

std::string doctor_json(const std::vector<Finding>& findings) {
    JsonWriter json;
    json.begin_object();
    json.key("findings");
    json.begin_list();
    for (const Finding& finding : findings) {
        json.begin_object();
        json.member("level", to_text(finding.level));
        json.member("subject", finding.subject);
        json.member("text", finding.text);
        json.member("advice", finding.advice);
        json.end_object();
    }
    json.end_list();
    json.end_object();
    return json.take() + "\n";
}

std::string version_json(const DaemonInfo& info) {
    JsonWriter json;
    json.begin_object();
    json.member("version", info.version);
    json.member_number("api", kApiVersion);
    json.member_number("pid", info.pid);
    json.member("upgrade_note", info.upgrade_note);
    json.end_object();
    return json.take() + "\n";
}

std::string logs_json(const Backend& backend, const std::vector<spec::Target>& targets) {
    JsonWriter json;
    json.begin_object();
    json.key("logs");
    json.begin_list();
    backend.visit_instances(targets, [&](const status::Instance& instance) {
        const std::string path = backend.log_path(instance.name);
        if (path.empty()) return;
        json.begin_object();
        write_instance_name(json, instance.name);
        json.member("path", path);
        json.end_object();
    });
    json.end_list();
    json.end_object();
    return json.take() + "\n";
}

}  // namespace reeve::api
