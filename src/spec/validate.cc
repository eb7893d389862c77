#include <signal.h>

#include <algorithm>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>

#include "base/text.h"
#include "spec/app.h"

namespace reeve::spec {
namespace {

// Names become parts of file and cgroup names, which may have 255 bytes: `SERVICE.N.log.1.gz`.
constexpr std::size_t kNameEscapedBytesMax = 120;
constexpr std::size_t kServicesMax = 10'000;
constexpr std::size_t kStopStepsMax = 32;
constexpr std::size_t kObjectionsMax = 100;
// The kernel's MAX_ARG_STRLEN: one argument or one NAME=VALUE, with its final NUL.
constexpr std::size_t kExecStringBytesMax = 128 * 1024 - 1;
// All arguments and variables together: a quarter of the usual 8 MiB stack, less some room.
constexpr std::size_t kExecBytesMax = 2 * 1024 * 1024 - 64 * 1024;
constexpr Duration kLongestWait = std::chrono::hours(24 * 366);
constexpr int kSignalMax = 64;
constexpr std::uint32_t kFlappingTimesMax = 1000;  // their moments are remembered

bool has_control(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 || byte == 0x7F) return true;
        // U+0080 to U+009F: a terminal takes them for commands, too.
        if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
            return true;
        }
    }
    return false;
}

bool has_nul(std::string_view text) {
    return text.find('\0') != std::string_view::npos;
}

// Collects every objection to one app.
class Objections {
public:
    explicit Objections(std::string subject) : subject_(std::move(subject)) {}

    void require(bool fine, std::string_view objection) {
        if (fine) return;
        ++count_;
        if (count_ > kObjectionsMax) return;
        if (!text_.empty()) text_ += '\n';
        text_ += subject_;
        text_ += ": ";
        text_ += objection;
    }

    void require_wait(Duration wait, std::string_view what) {
        require(wait >= 0ns && wait <= kLongestWait,
                std::string(what) + " must be between 0 and 366 days");
    }

    void set_subject(std::string subject) { subject_ = std::move(subject); }

    Result<void> result() const {
        if (count_ == 0) return {};
        if (count_ <= kObjectionsMax) return Error{text_};
        return Error{text_ + "\n… and " + std::to_string(count_ - kObjectionsMax) + " more"};
    }

private:
    std::string subject_;
    std::string text_;
    std::size_t count_ = 0;
};

void check_name(const std::string& name, Objections& objections) {
    objections.require(!name.empty(), "the name is empty");
    objections.require(!has_control(name), "the name contains a control character");
    objections.require(is_utf8(name), "the name is not UTF-8 text");
    objections.require(escape_name(name).size() <= kNameEscapedBytesMax,
                       "the name is too long (at most 120 bytes, a special character counts 3)");
}

void check_command(const Command& command, std::string_view what, Objections& objections) {
    const std::string subject(what);
    if (const auto* shell = std::get_if<ShellCommand>(&command)) {
        objections.require(!trim(shell->text).empty(), subject + " is empty");
        objections.require(!has_nul(shell->text), subject + " contains a NUL byte");
        objections.require(shell->text.size() <= kExecStringBytesMax,
                           subject + " is longer than 128 KiB");
        return;
    }
    const std::vector<std::string>& argv = std::get<DirectCommand>(command).argv;
    objections.require(!argv.empty() && !argv.front().empty(), subject + " is empty");
    for (const std::string& word : argv) {
        objections.require(!has_nul(word), subject + " contains a NUL byte");
        objections.require(word.size() <= kExecStringBytesMax,
                           subject + " has an argument longer than 128 KiB");
    }
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

std::size_t exec_bytes(const Command& command) {
    if (const auto* shell = std::get_if<ShellCommand>(&command)) return shell->text.size();
    std::size_t bytes = 0;
    for (const std::string& word : std::get<DirectCommand>(command).argv)
        bytes += word.size() + 1;
    return bytes;
}

std::size_t exec_bytes(const Environment& environment) {
    std::size_t bytes = 0;
    for (const auto& [name, value] : environment)
        bytes += name.size() + value.size() + 2;
    return bytes;
}

bool is_sendable(int signal) {
    // 32 and 33 belong to the C library.
    return signal >= 1 && signal <= kSignalMax && signal != 32 && signal != 33;
}

void check_stop(const StopSpec& stop, Objections& objections) {
    objections.require(stop.steps.size() <= kStopStepsMax, "stop has more than 32 steps");
    for (const StopStep& step : stop.steps) {
        objections.require(is_sendable(step.signal),
                           "stop signal " + std::to_string(step.signal) + " does not exist");
        objections.require_wait(step.wait, "the wait after a stop signal");
    }
    if (stop.command) check_command(*stop.command, "the stop command", objections);
    objections.require_wait(stop.command_timeout, "the timeout of the stop command");
    objections.require_wait(stop.leftovers_wait, "the patience with leftover processes");
}

void check_hooks(const Hooks& hooks, Objections& objections) {
    const auto check = [&objections](const std::optional<Hook>& hook, const std::string& what) {
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
    }
}

void check_process_settings(const Service& service, Objections& objections) {
    objections.require(service.working_dir.empty() || service.working_dir.front() == '/',
                       "the working directory \"" + service.working_dir + "\" is not absolute");
    objections.require(!has_nul(service.working_dir), "the working directory contains a NUL byte");
    const Credentials& who = service.credentials;
    objections.require(!has_control(who.user), "the user contains a control character");
    objections.require(!has_control(who.group), "the group contains a control character");
    for (const std::string& group : who.supplementary_groups) {
        objections.require(!group.empty() && !has_control(group),
                           "a supplementary group is empty or contains a control character");
    }
    objections.require(!service.umask || *service.umask <= 0777, "the umask is above 0777");
    objections.require(!service.nice || (*service.nice >= -20 && *service.nice <= 19),
                       "nice must be between -20 and 19");
    objections.require(!service.oom_score_adjust || (*service.oom_score_adjust >= -1000 &&
                                                     *service.oom_score_adjust <= 1000),
                       "the OOM score adjustment must be between -1000 and 1000");
    for (const ResourceLimit& limit : service.limits) {
        objections.require(limit.resource >= 0 && limit.resource <= 15,
                           "resource limit " + std::to_string(limit.resource) + " does not exist");
        objections.require(limit.soft <= limit.hard, "a soft resource limit is above the hard one");
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

void check_service(const App& app, const Service& service, Objections& objections) {
    objections.set_subject("service \"" + service.name + "\"");
    check_name(service.name, objections);
    if (!service.job || service.job->has_main)
        check_command(service.command, "the command", objections);
    if (service.job) check_job(*service.job, objections);
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
    std::visit(RestartCheck(objections), service.restart);
    objections.require(service.rollout.max_unavailable >= 1,
                       "a roll-out must replace at least 1 instance at a time");
    objections.require_wait(service.rollout.drain, "the drain time");
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
    objections.require(app.services.size() <= kServicesMax, "more than 10,000 services");
    std::set<std::string_view> names;
    for (const Service& service : app.services) {
        objections.set_subject("service \"" + service.name + "\"");
        objections.require(names.insert(service.name).second, "the name is used twice");
        check_service(app, service, objections);
    }
    return objections.result();
}

}  // namespace reeve::spec
