#include <algorithm>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>

#include "base/text.h"
#include "spec/app.h"
#include "spec/objections.h"
#include "spec/validate_checks.h"
#include "spec/validate_process.h"

namespace reeve::spec {
namespace {

// Names become parts of file and cgroup names, which may have 255 bytes: `SERVICE.N.log.1.gz`.
constexpr std::size_t kNameEscapedBytesMax = 120;
constexpr std::size_t kServicesMax = 10'000;
// All arguments and variables together: a quarter of the usual 8 MiB stack, less some room.
constexpr std::size_t kExecBytesMax = 2 * 1024 * 1024 - 64 * 1024;
constexpr int kNotificationFdMax = 100;
constexpr std::size_t kNeedsMax = 256;
constexpr std::uint32_t kFlappingTimesMax = 1000;  // their moments are remembered

void check_name(const std::string& name, Objections& objections) {
    objections.require(!name.empty(), "the name is empty");
    objections.require(!has_control(name), "the name contains a control character");
    objections.require(is_utf8(name), "the name is not UTF-8 text");
    objections.require(escape_name(name).size() <= kNameEscapedBytesMax,
                       "the name is too long (at most 120 bytes, a special character counts 3)");
}

void check_environment(const Environment& environment, Objections& objections) {
    for (const auto& [name, value] : environment) {
        const std::string subject = "environment variable \"" + name + "\"";
        objections.require(!name.empty(), "an environment variable has no name");
        objections.require(name.find('=') == std::string::npos, subject + " has a \"=\" in it");
        objections.require(!has_nul(name) && !has_nul(value), subject + " contains a NUL byte");
        objections.require(name.size() + value.size() < kExecStringBytesMax,
                           subject + " is longer than 128 KiB");
    }
}

std::size_t exec_bytes(const Environment& environment) {
    std::size_t bytes = 0;
    for (const auto& [name, value] : environment)
        bytes += name.size() + value.size() + 2;
    return bytes;
}

void check_hooks(const Hooks& hooks, Objections& objections) {
    const auto check = [&objections](const Rare<Hook>& hook, const std::string& what) {
        if (!hook) return;
        check_command(hook->command, "the " + what + " hook", objections);
        objections.require_wait(hook->timeout, "the timeout of the " + what + " hook");
    };
    check(hooks.pre_start, "pre-start");
    check(hooks.post_start, "post-start");
    check(hooks.pre_stop, "pre-stop");
    check(hooks.post_stop, "post-stop");
}

// The objections to a restart policy, by its kind.
class RestartCheck {
public:
    explicit RestartCheck(Objections& objections) : objections_(objections) {}

    void operator()(const AutoRestart& rule) {
        require_waits({rule.good_service, rule.first_pause, rule.pause_unit, rule.cap_unstable,
                       rule.cap_after_service, rule.forget_after, rule.crash_loop_within});
        objections_.require(rule.jitter_percent <= 100, "the restart jitter is above 100 %");
        objections_.require(rule.crash_loop_ends >= 1, "a crash loop needs at least 1 end");
        require_codes(rule.no_restart_codes);
    }
    void operator()(const DockerRestart& rule) {
        require_waits({rule.first_pause, rule.cap, rule.reset_after, rule.forget_after});
    }
    void operator()(const NoRestart&) {}
    void operator()(const UpstartRestart& rule) {
        require_waits({rule.interval});
        require_codes(rule.normal_codes);
        for (const int signal : rule.normal_signals) {
            objections_.require(signal >= 1 && signal <= kSignalMax,
                                "signal " + std::to_string(signal) + " does not exist");
        }
    }
    void operator()(const SystemdRestart& rule) {
        require_waits({rule.pause, rule.start_limit_interval, rule.pause_max});
    }
    void operator()(const SupervisordRestart& rule) {
        require_waits({rule.start_seconds, rule.pause});
        objections_.require(rule.start_seconds > 0ns || rule.pause > 0ns,
                            "without start seconds, a pause is needed between restarts");
        require_codes(rule.expected_codes);
    }
    void operator()(const BluepillRestart& rule) {
        require_waits({rule.tick, rule.start_grace});
        if (!rule.flapping) return;
        require_waits({rule.flapping->within, rule.flapping->retry_in});
        const bool bounded = rule.flapping->times >= 1 && rule.flapping->times <= kFlappingTimesMax;
        objections_.require(bounded,
                            "flapping needs 1 to " + std::to_string(kFlappingTimesMax) + " times");
    }

private:
    void require_waits(std::initializer_list<Duration> waits) {
        for (const Duration wait : waits)
            objections_.require_wait(wait, "a time of the restart policy");
    }
    void require_codes(const std::vector<int>& codes) {
        for (const int code : codes) {
            objections_.require(code >= 0 && code <= 255,
                                "exit code " + std::to_string(code) + " does not exist");
        }
    }

    Objections& objections_;
};

void check_readiness(const ReadinessSpec& readiness, Objections& objections) {
    if (const auto* port = std::get_if<ReadyOnPort>(&readiness)) {
        objections.require_wait(port->timeout, "the timeout of the port check");
    } else if (const auto* after = std::get_if<ReadyAfter>(&readiness)) {
        objections.require_wait(after->uptime, "the uptime that counts as ready");
    } else if (const auto* notify = std::get_if<ReadyOnNotify>(&readiness)) {
        objections.require_wait(notify->timeout, "the timeout of the notification");
    } else if (const auto* fd = std::get_if<ReadyOnFd>(&readiness)) {
        objections.require_wait(fd->timeout, "the timeout of the notification");
        objections.require(fd->fd >= 3 && fd->fd <= kNotificationFdMax,
                           "the notification descriptor must be between 3 and 100");
    }
}

void check_events(const std::optional<EventExpr>& expr, const std::string& what,
                  Objections& objections) {
    if (!expr) return;
    const Result<void> shape = check_shape(*expr);
    objections.require(shape.ok(), what + " has " + (shape ? "" : shape.error().message));
    for (const EventNode& node : expr->nodes) {
        const auto* match = std::get_if<EventMatch>(&node);
        if (!match) continue;
        bool nul = has_nul(match->name);
        for (const EventArgument& argument : match->arguments)
            nul = nul || has_nul(to_text(argument));
        objections.require(!nul, what + " contains a NUL byte");
    }
}

void check_job(const JobSpec& job, Objections& objections) {
    check_events(job.start_on, "start on", objections);
    check_events(job.stop_on, "stop on", objections);
    objections.require(!has_nul(job.instance), "the instance contains a NUL byte");
    objections.require(job.instance.size() <= kExecStringBytesMax,
                       "the instance is longer than 128 KiB");
    for (const auto* list : {&job.inherited, &job.exports, &job.emits}) {
        objections.require(list->size() <= kJobEntriesMax,
                           "more than 1,000 variables or events of one kind");
        for (const std::string& name : *list) {
            objections.require(!name.empty() && !has_nul(name),
                               "the name of a variable or event is empty or contains NUL");
        }
    }
}

void check_needs(const App& app, const Service& service, Objections& objections) {
    objections.require(service.needs.size() <= kNeedsMax, "more than 256 needs");
    for (const Need& need : service.needs) {
        const std::string text = to_text(need);
        objections.require(!text.empty(), "a need names nothing");
        objections.require(!has_control(text), "a need contains a control character");
        if (!need.app.empty() && need.app != app.name) continue;
        objections.require(need.service.empty() || find_service(app, need.service) != nullptr,
                           "it needs \"" + need.service + "\", which the app does not have");
    }
}

void check_cycle(const App& app, Objections& objections) {
    NeedGraph graph;
    for (const Service& service : app.services) {
        for (const Need& need : service.needs) {
            const bool own = need.app.empty() || need.app == app.name;
            if (own && !need.service.empty()) graph[service.name].push_back(need.service);
        }
    }
    const std::string cycle = find_cycle(graph);
    objections.require(cycle.empty(), "its services need each other in a circle: " + cycle);
}

void check_service(const App& app, const Service& service, Objections& objections) {
    objections.set_subject("service \"" + service.name + "\"");
    check_name(service.name, objections);
    if (!service.job || service.job->has_main)
        check_command(service.command, "the command", objections);
    if (service.job) check_job(*service.job, objections);
    objections.require(
        !has_control(service.listing.group) && service.listing.group.size() <= kNameEscapedBytesMax,
        "the name of its group is too long or has a control character");
    check_environment(service.environment, objections);
    objections.require(exec_bytes(service.command) + exec_bytes(app.environment) +
                               exec_bytes(service.environment) <=
                           kExecBytesMax,
                       "command and environment together are longer than the kernel takes");
    check_process_settings(service, objections);
    objections.require(service.instances <= kInstancesMax,
                       "more than " + std::to_string(kInstancesMax) + " instances");
    check_hooks(service.hooks, objections);
    check_readiness(service.readiness, objections);
    objections.require(
        service.wants_port || !std::holds_alternative<ReadyOnPort>(service.readiness),
        "it is to be ready when its port answers, but gets no port");
    check_stop(service.stop, objections);
    check_checks(service.checks, service.wants_port, objections);
    if (service.monitor_children) {
        check_checks(service.monitor_children->checks, service.wants_port, objections);
    }
    check_group_limits(service.group_limits, objections);
    check_needs(app, service, objections);
    std::visit(RestartCheck(objections), service.restart);
    objections.require(service.rollout.max_unavailable >= 1,
                       "a roll-out must replace at least 1 instance at a time");
    objections.require_wait(service.rollout.drain, "the drain time");
    objections.require_wait(service.rollout.proxy_wait, "the wait for the proxy");
    objections.require_wait(service.rollout.retire_wait, "the wait for what is retired");
    objections.require(service.spawn_timeout > 0ns, "the spawn timeout must be above 0");
    objections.require_wait(service.spawn_timeout, "the spawn timeout");
}

}  // namespace

Result<void> validate(const App& app) {
    Objections objections("app \"" + app.name + "\"");
    check_name(app.name, objections);
    objections.require(app.name.find('/') == std::string::npos,
                       "the name contains a \"/\", which stands between app and service");
    objections.require(app.name != "init" || app.format == Format::Upstart,
                       "the name is reserved for Upstart's jobs; choose another one");
    objections.require(!has_nul(app.source) && !has_nul(app.directory), "a path contains NUL");
    check_environment(app.environment, objections);
    if (app.release_command) check_command(*app.release_command, "the release command", objections);
    if (app.change_log) {
        const std::string& path = app.change_log->path;
        objections.require(path.empty() || (path.starts_with('/') && !has_control(path)),
                           "the path of the change log must be absolute, and be of plain text");
    }
    objections.require(app.services.size() <= kServicesMax, "more than 10,000 services");
    std::set<std::string_view> names;
    for (const Service& service : app.services) {
        objections.set_subject("service \"" + service.name + "\"");
        objections.require(names.insert(service.name).second, "the name is used twice");
        check_service(app, service, objections);
    }
    objections.set_subject("app \"" + app.name + "\"");
    check_cycle(app, objections);
    return objections.result();
}

}  // namespace reeve::spec
