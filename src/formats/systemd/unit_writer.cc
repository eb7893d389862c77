#include "formats/systemd/unit_writer.h"

#include <signal.h>
#include <stdio.h>

#include <array>
#include <string_view>

#include "base/text.h"
#include "formats/native/fields.h"
#include "formats/native/quantities.h"
#include "formats/systemd/unit_limits.h"
#include "spec/changes.h"

namespace reeve::formats::systemd {
namespace {

// Fields that a unit expresses; the others are reported where they are not as by default.
constexpr std::array<std::string_view, 21> kExpressed = {
    "chroot",      "tracking",      "name",        "command", "working_dir", "environment",
    "credentials", "umask",         "nice",        "limits",  "instances",   "auto_start",
    "hooks",       "readiness",     "stop",        "restart", "wants_port",  "oom_score_adjust",
    "needs",       "reload_signal", "group_limits"};

/// In double quotes, with systemd's own signs taken literally: %% for specifiers.
std::string quote(std::string_view text, bool is_command) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (c == '%') out += '%';
        if (c == '$' && is_command) out += '$';
        if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
    return out + "\"";
}

// A program with a slash in it must be named absolutely.
std::string program(const std::string& word, const std::string& directory) {
    const bool relative = word.find('/') != std::string::npos && word.front() != '/';
    return relative && !directory.empty() ? directory + "/" + word : word;
}

std::string_view shell_line(spec::Shell shell) {
    switch (shell) {
        case spec::Shell::Bash:
            return "/bin/bash -c ";
        case spec::Shell::Sh:
            return "/bin/sh -c ";
        case spec::Shell::ShErrexit:
        case spec::Shell::ShErrexitFile:
            return "/bin/sh -e -c ";
    }
    return "/bin/sh -c ";
}

std::string write_command(const spec::Command& command, const std::string& directory) {
    const auto* shell = std::get_if<spec::ShellCommand>(&command);
    if (shell != nullptr) {
        return std::string(shell_line(shell->shell)) + quote(shell->text, true);
    }
    std::string line;
    for (const std::string& word : std::get<spec::DirectCommand>(command).argv)
        line += line.empty() ? quote(program(word, directory), true) : " " + quote(word, true);
    return line;
}

std::string unit_name(const std::string& name) {
    return escape_name(name);
}

std::string file_name_of(const std::string& app, const spec::Service& service) {
    return unit_name(app) + "-" + unit_name(service.name) +
           (service.instances == 1 ? ".service" : "@.service");
}

/// A template stands for each of its instances.
std::string wanted_units(const std::string& file_name, std::uint32_t instances) {
    if (instances == 1) return " " + file_name;
    std::string units;
    const std::size_t at = file_name.find("@.");
    for (std::uint32_t i = 1; i <= instances; ++i) {
        units += " " + file_name.substr(0, at + 1) + std::to_string(i) + file_name.substr(at + 1);
    }
    return units;
}

class UnitWriter {
public:
    UnitWriter(const spec::App& app, const spec::Service& service, WrittenFiles& written)
        : app_(app), service_(service), written_(written) {}

    WrittenFile write() {
        text_ = "[Unit]\nDescription=" + app_.name + " " + service_.name +
                "\nPartOf=" + unit_name(app_.name) + ".target\n";
        write_needs();
        write_start_limit();
        text_ += "\n[Service]\n";
        write_type();
        write_process();
        write_hooks();
        write_stop();
        write_restart();
        text_ += "\n[Install]\nWantedBy=" + unit_name(app_.name) + ".target\n";
        report_the_rest();
        return {file_name(), std::move(text_)};
    }

    std::string file_name() const { return file_name_of(app_.name, service_); }

private:
    void line(std::string_view key, const std::string& value) {
        text_ += std::string(key) + "=" + value + "\n";
    }

    void say(const std::string& problem) {
        written_.problems.push_back(service_.name + ": " + problem);
    }

    void write_needs() {
        std::string units;
        for (const spec::Need& need : service_.needs) {
            const std::string& app = need.app.empty() ? app_.name : need.app;
            const spec::Service* service =
                app == app_.name ? spec::find_service(app_, need.service) : nullptr;
            if (service != nullptr) {
                units += wanted_units(file_name_of(app, *service), service->instances);
            } else if (need.service.empty()) {
                units += " " + unit_name(app) + ".target";
            } else {
                units += " " + unit_name(app) + "-" + unit_name(need.service) + ".service";
            }
        }
        if (units.empty()) return;
        line("Requires", units.substr(1));
        line("After", units.substr(1));
    }

    void write_type() {
        if (const auto* forks = std::get_if<spec::TrackForks>(&service_.tracking)) {
            line("Type", "forking");
            if (!forks->pid_file.empty()) line("PIDFile", forks->pid_file);
        } else if (const auto* file = std::get_if<spec::TrackPidFile>(&service_.tracking)) {
            const bool forking = file->writer == spec::PidFileWriter::Program;
            line("Type", forking ? "forking" : "exec");
            if (forking) line("PIDFile", file->path);
            if (!forking) say("`tracking`: systemd writes no pid file");
            if (file->pid_command) say("`tracking.pid_command` has no counterpart in a unit");
        } else if (const auto* notify = std::get_if<spec::ReadyOnNotify>(&service_.readiness)) {
            notifies_ = true;
            line("Type", "notify");
            line("NotifyAccess", "all");
            line("TimeoutStartSec", native::write_duration(notify->timeout));
        } else {
            line("Type", "exec");
            if (std::holds_alternative<spec::TrackStops>(service_.tracking))
                say("`tracking = \"stops\"`: systemd knows no SIGSTOP as readiness");
        }
        if (!service_.chroot.empty()) line("RootDirectory", service_.chroot);
    }

    void write_environment(const spec::Environment& environment) {
        for (const auto& [name, value] : environment)
            line("Environment", quote(name + "=" + value, false));
    }

    void write_process() {
        line("ExecStart", write_command(service_.command, service_.working_dir));
        if (!service_.working_dir.empty()) line("WorkingDirectory", service_.working_dir);
        if (!service_.credentials.user.empty()) line("User", service_.credentials.user);
        if (!service_.credentials.group.empty()) line("Group", service_.credentials.group);
        for (const std::string& group : service_.credentials.supplementary_groups)
            line("SupplementaryGroups", group);
        write_environment(app_.environment);
        write_environment(service_.environment);
        if (service_.umask) {
            char octal[16];
            ::snprintf(octal, sizeof octal, "%04o", *service_.umask);
            line("UMask", octal);
        }
        if (service_.nice) line("Nice", std::to_string(*service_.nice));
        if (service_.oom_score_adjust)
            line("OOMScoreAdjust", std::to_string(*service_.oom_score_adjust));
        for (const std::string& limit : limit_lines(service_.limits))
            text_ += limit + "\n";
        for (const std::string& limit : group_limit_lines(service_.group_limits))
            text_ += limit + "\n";
        if (service_.wants_port)
            say("systemd hands out no ports: set Environment=PORT= in the unit");
        if (!std::holds_alternative<spec::ReadyOnSpawn>(service_.readiness) && !notifies_)
            say("`ready`: a unit of Type=exec is ready as soon as it was executed");
    }

    void write_hook(std::string_view key, const Rare<spec::Hook>& hook) {
        if (!hook) return;
        const bool ignored = hook->on_failure == spec::HookFailure::Ignore;
        line(key, (ignored ? "-" : "") + write_command(hook->command, service_.working_dir));
        if (hook->timeout != spec::Hook{}.timeout)
            say("a hook's timeout is not its own: TimeoutStartSec= and TimeoutStopSec= count");
    }

    void write_hooks() {
        write_hook("ExecStartPre", service_.hooks.pre_start);
        write_hook("ExecStartPost", service_.hooks.post_start);
        if (service_.reload_signal != SIGHUP && service_.reload_signal != 0) {
            line("ExecReload",
                 "/bin/kill -s " + native::write_signal(service_.reload_signal) + " $MAINPID");
        }
        write_hook("ExecStop", service_.hooks.pre_stop);
        write_hook("ExecStopPost", service_.hooks.post_stop);
    }

    void write_stop() {
        const spec::StopSpec& stop = service_.stop;
        if (stop.command) line("ExecStop", write_command(*stop.command, service_.working_dir));
        if (stop.scope == spec::SignalScope::Main) line("KillMode", "mixed");
        if (stop.scope == spec::SignalScope::Group)
            say("`stop.scope = \"group\"`: systemd signals the whole cgroup");
        if (stop.steps.empty()) {
            line("KillSignal", "SIGKILL");
            return;
        }
        line("KillSignal", "SIG" + native::write_signal(stop.steps.front().signal));
        line("TimeoutStopSec", native::write_duration(stop.steps.front().wait));
        if (stop.steps.size() > 1)
            say("`stop` has more than one step: after the first one systemd sends SIGKILL");
    }

    void write_start_limit() {
        const auto* rule = std::get_if<spec::SystemdRestart>(&service_.restart);
        if (rule == nullptr) {
            line("StartLimitIntervalSec", "0");
            return;
        }
        line("StartLimitIntervalSec", native::write_duration(rule->start_limit_interval));
        line("StartLimitBurst", std::to_string(rule->start_limit_burst));
    }

    void write_restart() {
        struct Writer {
            UnitWriter& unit;
            void operator()(const spec::SystemdRestart& rule) const {
                constexpr std::array<std::string_view, 6> kModes = {
                    "no", "on-success", "on-failure", "on-abnormal", "on-abort", "always"};
                unit.line("Restart", std::string(kModes.at(static_cast<std::size_t>(rule.mode))));
                unit.line("RestartSec", native::write_duration(rule.pause));
                if (rule.steps == 0) return;
                unit.line("RestartSteps", std::to_string(rule.steps));
                unit.line("RestartMaxDelaySec", native::write_duration(rule.pause_max));
            }
            void operator()(const spec::NoRestart&) const { unit.line("Restart", "no"); }
            void operator()(const spec::AutoRestart& rule) const {
                unit.line("Restart", rule.restart_after_success ? "always" : "on-failure");
                unit.line("RestartSec", native::write_duration(rule.first_pause));
                unit.line("RestartSteps", "8");
                unit.line("RestartMaxDelaySec", native::write_duration(rule.cap_unstable));
                for (const int code : rule.no_restart_codes)
                    unit.line("RestartPreventExitStatus", std::to_string(code));
                unit.say(
                    "`restart = \"auto\"` is not quite Restart=always: pauses grow (from "
                    "systemd 254 on) whatever the service was like, and a crash loop has no state "
                    "of its own");
            }
            void operator()(const spec::DockerRestart& rule) const {
                const bool always = rule.mode == spec::DockerMode::Always ||
                                    rule.mode == spec::DockerMode::UnlessStopped;
                const bool never = rule.mode == spec::DockerMode::No;
                unit.line("Restart", never ? "no" : always ? "always" : "on-failure");
                unit.line("RestartSec", native::write_duration(rule.first_pause));
                if (!never) unit.say("Docker's growing pauses and its count are not written");
            }
            void operator()(const spec::UpstartRestart& rule) const {
                unit.line("Restart", !rule.respawn ? "no" : rule.task ? "on-failure" : "always");
                unit.line("RestartSec", "0");
                unit.say("Upstart's `respawn limit` is not written");
            }
            void operator()(const spec::SupervisordRestart& rule) const {
                const bool never = rule.mode == spec::SupervisordMode::Never;
                const bool always = rule.mode == spec::SupervisordMode::Always;
                unit.line("Restart", never ? "no" : always ? "always" : "on-failure");
                unit.line("RestartSec", "1s");
                unit.say("supervisord's retries and exit codes are not written");
            }
            void operator()(const spec::BluepillRestart& rule) const {
                unit.line("Restart", "always");
                unit.line("RestartSec", native::write_duration(rule.tick));
                if (rule.flapping) unit.say("the trigger :flapping is not written");
            }
        };
        std::visit(Writer{*this}, service_.restart);
    }

    void report_the_rest() {
        const spec::Service standard;
        for (const std::string& field : spec::changed_fields(standard, service_)) {
            bool known = false;
            for (const std::string_view one : kExpressed)
                known = known || one == field;
            const std::string key = native::key_of("Service", field);
            if (!known) say("`" + key + "` has no counterpart in a unit");
        }
    }

    const spec::App& app_;
    const spec::Service& service_;
    WrittenFiles& written_;
    std::string text_;
    bool notifies_ = false;  // the unit is ready when its program says so
};

}  // namespace

WrittenFiles write_units(const spec::App& app) {
    WrittenFiles written;
    std::string wants;
    for (const spec::Service& service : app.services) {
        UnitWriter writer(app, service, written);
        if (service.auto_start) wants += wanted_units(writer.file_name(), service.instances);
        written.files.push_back(writer.write());
    }
    written.files.push_back(
        {unit_name(app.name) + ".target", "[Unit]\nDescription=" + app.name +
                                              "\nWants=" + wants.substr(!wants.empty()) +
                                              "\n\n[Install]\nWantedBy=multi-user.target\n"});
    if (app.release_command)
        written.problems.push_back(
            "`release` is not part of a unit: run it before `systemctl restart`");
    if (app.formation_fixed) written.problems.push_back("`formation_fixed` has no counterpart");
    return written;
}

}  // namespace reeve::formats::systemd
