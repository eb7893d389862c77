#include "formats/upstart/lower.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "formats/upstart/cgroup_settings.h"
#include "formats/upstart/shell_command.h"

namespace reeve::formats::upstart {
namespace {

constexpr std::uint32_t kKillTimeoutSeconds = 5;
constexpr mode_t kUmask = 022;
// Upstart's own.
constexpr const char* kPath = "/usr/local/sbin:/usr/local/bin:/usr/bin:/usr/sbin:/sbin:/bin";
constexpr int kSignalMax = 64;
constexpr int kCodeMax = 255;
constexpr int kFirstSignalStatus = 256;  // a status of wait(2): the signal times 256

Rare<spec::Hook> to_hook(const std::optional<Process>& process, Duration timeout,
                         spec::HookFailure on_failure) {
    if (!process) return std::nullopt;
    return spec::Hook{to_command(*process), timeout, on_failure};
}

std::string without_slashes(std::string text) {
    std::replace(text.begin(), text.end(), '/', '_');
    return text;
}

/// `socket PROTO=unix PATH=/run/web.sock`, as the manual has it: its event has SOCKET_PATH.
/// Source: socket-event(7), upstart-socket-bridge(8).
void mean_socket_paths(spec::EventExpr& events) {
    for (spec::EventNode& node : events.nodes) {
        auto* leaf = std::get_if<spec::EventMatch>(&node);
        if (leaf == nullptr || leaf->name != "socket") continue;
        for (spec::EventArgument& argument : leaf->arguments) {
            if (argument.key == "PATH") argument.key = "SOCKET_PATH";
        }
    }
}

class Lowering {
public:
    Lowering(const JobClass& job, const Surroundings& surroundings)
        : job_(job), surroundings_(surroundings) {}

    Lowered lower() {
        service_.name = job_.name;
        if (job_.main) service_.command = to_command(*job_.main);
        take_events();
        take_hooks();
        take_environment();
        take_files();
        take_limits();
        take_end();
        report_missing();
        return std::move(lowered_);
    }

private:
    void remark(std::string stanza, std::string message, std::string hint,
                std::optional<std::size_t> nth = std::nullopt) {
        lowered_.remarks.push_back(
            {Severity::Warning, std::move(stanza), std::move(message), std::move(hint), nth});
    }

    void take_events() {
        spec::JobSpec& job = service_.job.emplace();
        job.start_on = job_.start_on;
        if (job.start_on) mean_socket_paths(*job.start_on);
        job.stop_on = job_.stop_on;
        job.instance = job_.instance;
        job.exports = job_.exports;
        job.emits = job_.emits;
        job.task = job_.task;
        job.has_main = job_.main.has_value();
        job.manual = job_.manual;
        job.usage = job_.usage;
        job.description = job_.description;
        job.author = job_.author;
        job.version = job_.version;
        if (job_.expect == Expect::Fork || job_.expect == Expect::Daemon)
            service_.tracking = spec::TrackForks{};
        if (job_.expect == Expect::Stop) service_.tracking = spec::TrackStops{};
    }

    // Hooks have no limit of time but the one that was asked for; only pre-start and post-stop can
    // fail a job.
    void take_hooks() {
        using enum spec::HookFailure;
        const Duration timeout = std::chrono::seconds(job_.hook_timeout_seconds.value_or(0));
        service_.hooks.pre_start = to_hook(job_.pre_start, timeout, FailStart);
        service_.hooks.post_start = to_hook(job_.post_start, timeout, Ignore);
        service_.hooks.pre_stop = to_hook(job_.pre_stop, timeout, Ignore);
        service_.hooks.post_stop = to_hook(job_.post_stop, timeout, FailStart);
    }

    void take_environment() {
        service_.environment_base = spec::EnvironmentBase::Nothing;
        for (std::size_t i = 0; i < job_.variables.size(); ++i) {
            const Variable& variable = job_.variables[i];
            if (variable.name.empty()) {
                remark("env", "a variable without a name is left out", "write env KEY=VALUE", i);
            } else if (variable.value) {
                service_.environment[variable.name] = *variable.value;
                std::erase(service_.job->inherited, variable.name);
            } else {
                copy_variable(variable.name);
            }
        }
    }

    // `env KEY`: as whoever loads the job has it; where it is not set, it is not set for the job.
    void copy_variable(const std::string& name) {
        std::erase(service_.job->inherited, name);
        service_.job->inherited.push_back(name);
        const auto found = surroundings_.environment.find(name);
        if (found == surroundings_.environment.end())
            service_.environment.erase(name);
        else
            service_.environment[name] = found->second;
    }

    void take_files() {
        service_.chroot = job_.chroot;
        service_.working_dir = surroundings_.working_directory;
        if (!job_.chdir.empty()) service_.working_dir = job_.chdir;
        if (!service_.working_dir.starts_with('/'))
            service_.working_dir = '/' + service_.working_dir;
        service_.credentials.user = job_.setuid;
        if (job_.setuid.empty() && !surroundings_.user_mode) service_.credentials.user = "root";
        service_.credentials.group = job_.setgid;
        service_.log.path = surroundings_.log_directory + '/' + without_slashes(job_.name) +
                            (job_.instance.empty() ? "" : "-{instance}") + ".log";
        service_.log.timestamps = false;
        switch (job_.console.value_or(surroundings_.console)) {
            case Console::Log:
                break;
            case Console::None:
                service_.stdio.output = spec::NullFile{};
                service_.stdio.error = spec::NullFile{};
                break;
            case Console::Owner:
                remark("console", "the console does not become the job's controlling terminal",
                       "Ctrl-C on the console is not for it");
                [[fallthrough]];
            case Console::Output:
                service_.stdio = {spec::ConsoleFile{}, spec::ConsoleFile{}, spec::ConsoleFile{}};
                break;
        }
    }

    void take_limits() {
        if (job_.umask)
            service_.umask = static_cast<mode_t>(*job_.umask);
        else if (!surroundings_.user_mode)
            service_.umask = kUmask;
        service_.nice = job_.nice;
        service_.oom_score_adjust = job_.oom_score_adjust;
        for (const auto& [resource, limit] : job_.limits)
            service_.limits.push_back({resource, limit.soft, limit.hard});
    }

    void take_end() {
        spec::UpstartRestart restart;
        restart.respawn = job_.respawn;
        restart.task = job_.task;
        const RespawnLimit limit = job_.respawn_limit.value_or(RespawnLimit{});
        restart.limit = limit.count;
        restart.interval = std::chrono::seconds(limit.interval_seconds);
        restart.normal_signals = job_.normal_exits.signals;
        for (const int code : job_.normal_exits.codes)
            take_normal_code(code, restart);
        service_.restart = std::move(restart);

        service_.stop.scope = spec::SignalScope::Group;
        service_.stop.steps.clear();
        const std::uint32_t patience = job_.kill_timeout_seconds.value_or(kKillTimeoutSeconds);
        const int signal = job_.kill_signal.value_or(SIGTERM);
        if (!is_sendable(signal))
            remark("kill signal", "there is no signal " + std::to_string(signal),
                   "the job is stopped with SIGKILL");
        else if (patience > 0)
            service_.stop.steps.push_back({signal, std::chrono::seconds(patience)});
        take_reload_signal();
    }

    void take_normal_code(int code, spec::UpstartRestart& restart) {
        const int signal = code / kFirstSignalStatus;
        if (code <= kCodeMax)
            restart.normal_codes.push_back(code);
        else if (code % kFirstSignalStatus == 0 && signal <= kSignalMax)
            restart.normal_signals.push_back(signal);
        else
            remark("normal", "no process ends with " + std::to_string(code), "");
    }

    void take_reload_signal() {
        const int signal = job_.reload_signal.value_or(SIGHUP);
        if (is_sendable(signal) || signal == 0) {
            service_.reload_signal = signal;
        } else {
            remark("reload", "there is no signal " + std::to_string(signal),
                   "the job is reloaded with SIGHUP");
        }
    }

    // 32 and 33 belong to the C library.
    static bool is_sendable(int signal) {
        return signal >= 1 && signal <= kSignalMax && signal != 32 && signal != 33;
    }

    void report_missing() {
        if (!job_.apparmor_load.empty()) {
            remark("apparmor load", "the AppArmor profile " + job_.apparmor_load + " is not loaded",
                   "load it at boot, where the job wants it");
        }
        if (!job_.apparmor_switch.empty()) {
            remark("apparmor switch",
                   "the job does not run in the AppArmor profile " + job_.apparmor_switch,
                   "`aa-exec` runs a command in a profile");
        }
        for (std::size_t i = 0; i < job_.cgroups.size(); ++i) {
            if (take_cgroup_setting(job_.cgroups[i], service_.group_limits)) continue;
            remark("cgroup", "`cgroup " + job_.cgroups[i] + "` is not applied",
                   "the job has a control group of its own all the same", i);
        }
        if (job_.debug) {
            remark("debug", "the job is not stopped before its program is executed", "");
        }
    }

    const JobClass& job_;
    const Surroundings& surroundings_;
    Lowered lowered_;
    spec::Service& service_ = lowered_.service;
};

}  // namespace

Lowered lower(const JobClass& job, const Surroundings& surroundings) {
    return Lowering(job, surroundings).lower();
}

spec::Environment base_environment(const Surroundings& surroundings) {
    const spec::Environment& loader = surroundings.environment;
    spec::Environment environment;
    if (surroundings.user_mode) environment = loader;
    for (const auto& [name, otherwise] : {std::pair("PATH", kPath), {"TERM", "linux"}}) {
        const auto found = loader.find(name);
        const bool is_taken = found != loader.end() && name != std::string_view("PATH");
        if (!environment.contains(name)) environment[name] = is_taken ? found->second : otherwise;
    }
    if (!surroundings.command_directory.empty())
        environment["PATH"] += ':' + surroundings.command_directory;
    if (const auto root = loader.find("REEVE_ROOT"); root != loader.end())
        environment["REEVE_ROOT"] = root->second;
    return environment;
}

}  // namespace reeve::formats::upstart
