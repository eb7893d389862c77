#include "drivers/child_plan.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "spec/command_pid.h"
#include "spec/instance_name.h"
#include "spec/job_variables.h"

namespace reeve::drivers {
namespace {

struct Execution {
    std::vector<std::string> executables;
    std::vector<std::string> arguments;
    std::string script;
};

/// Where a program without a slash may be, in the order of PATH.
std::vector<std::string> candidates(const std::string& program, const std::string& path) {
    if (program.find('/') != std::string::npos) return {program};
    std::vector<std::string> found;
    for (const std::string_view directory : split(path, ':')) {
        found.push_back((directory.empty() ? "." : std::string(directory)) + "/" + program);
    }
    return found;
}

/// The name of the program of a command; of one for a shell only if it is a plain path that comes
/// first. Empty: not known.
std::string program_name(const spec::Command& command) {
    if (const auto* direct = std::get_if<spec::DirectCommand>(&command)) {
        return direct->argv.front();
    }
    const std::vector<std::string_view> all = words(std::get<spec::ShellCommand>(command).text);
    const std::size_t first = !all.empty() && all.front() == "exec" ? 1 : 0;
    if (first >= all.size() || all[first].find('/') == std::string_view::npos) return {};
    const bool is_plain = std::all_of(all[first].begin(), all[first].end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
               std::string_view("/._-+").find(c) != std::string_view::npos;
    });
    return is_plain ? std::string(all[first]) : std::string();
}

Execution execution_of(const spec::Command& command, const std::string& path) {
    if (const auto* direct = std::get_if<spec::DirectCommand>(&command)) {
        return {candidates(direct->argv.front(), path), direct->argv};
    }
    const auto& shell = std::get<spec::ShellCommand>(command);
    switch (shell.shell) {
        case spec::Shell::Bash:
            return {{"/bin/bash", "/usr/bin/bash", "/bin/sh"}, {"bash", "-c", shell.text}};
        case spec::Shell::Sh:
            return {{"/bin/sh"}, {"/bin/sh", "-c", shell.text}};
        case spec::Shell::ShErrexit:
            return {{"/bin/sh"}, {"/bin/sh", "-e", "-c", shell.text, "/bin/sh"}};
        case spec::Shell::ShErrexitFile:
            // The shell reads by itself from the path, and its children need no descriptor 9.
            return {{"/bin/sh"},
                    {"/bin/sh", "-e", "/proc/self/fd/" + std::to_string(os::kScriptFd)},
                    "exec " + std::to_string(os::kScriptFd) + "<&-\n" + shell.text};
    }
    return {};
}

/// reeve itself raises its limit of open files to the hard one, which breaks programs that use
/// select(2): a child starts with the customary soft limit.
constexpr rlim_t kOpenFilesSoft = 1024;

rlimit open_files_limit() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = std::min(limit.rlim_max, kOpenFilesSoft);
    return limit;
}

rlimit to_rlimit(const spec::ResourceLimit& limit) {
    const auto value = [](std::uint64_t wanted) {
        return wanted == UINT64_MAX ? RLIM_INFINITY : static_cast<rlim_t>(wanted);
    };
    return {value(limit.soft), value(limit.hard)};
}

bool names_the_main_process(core::RunRole role) {
    return role == core::RunRole::StopCommand || role == core::RunRole::RestartCommand;
}

/// How often the program is to say WATCHDOG=1; zero: never.
Duration watchdog_time(const spec::Service& service) {
    for (const spec::Check& check : service.checks) {
        const auto* watchdog = std::get_if<spec::WatchdogProbe>(&check.probe);
        if (watchdog != nullptr) return watchdog->within;
    }
    return Duration{};
}

/// How a program finds the sockets that it is passed, in both of the ways that there are.
/// Source: upstart-socket-bridge(8), sd_listen_fds(3).
void add_passed(const core::SpawnRun& run, std::size_t count, spec::Environment& all) {
    std::string numbers;
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0) numbers += ' ';
        numbers += std::to_string(os::kFirstPassedFd + static_cast<int>(i));
    }
    all[spec::variable_prefix(*run.app) + "FDS"] = numbers;
    all["LISTEN_FDS"] = std::to_string(count);
    all["LISTEN_PID"] = "";  // which the child itself knows
}

spec::Environment environment_of(const core::SpawnRun& run, const ChildContext& context,
                                 const os::User& user) {
    const spec::Service& service = *run.service;
    const bool login = service.environment_base == spec::EnvironmentBase::Login;
    const bool home = service.environment_base == spec::EnvironmentBase::Home;
    spec::Environment all = login ? os::login_environment(user) : spec::Environment();
    for (const spec::Variable& variable : run.base_variables)
        all[variable.name] = variable.value;
    for (const auto& [name, value] : run.app->environment)
        all[name] = value;
    if (home && !service.credentials.user.empty()) all["HOME"] = user.home;
    if (service.sets_pwd && !service.working_dir.empty()) all["PWD"] = service.working_dir;
    for (const auto& [name, value] : service.environment)
        all[name] = value;
    for (const spec::Variable& variable : run.variables)
        all[variable.name] = variable.value;
    if (context.port != 0) all["PORT"] = std::to_string(context.port);
    const std::string instance = spec::instance_text(run.instance);
    if (login) {
        all["DYNO"] = instance;
        all["PS"] = run.instance.service;
    }
    all["REEVE_APP"] = run.instance.app;
    all["REEVE_SERVICE"] = run.instance.service;
    all["REEVE_INSTANCE"] = instance;
    if (run.main_pid != 0) all["REEVE_MAIN_PID"] = std::to_string(run.main_pid);
    if (!context.run_mark.empty()) all["REEVE_RUN"] = context.run_mark;
    if (!context.passed_fds.empty()) add_passed(run, context.passed_fds.size(), all);
    if (!context.notify_socket.empty()) {
        all["NOTIFY_SOCKET"] = context.notify_socket;
        const Duration watchdog = watchdog_time(*run.service);
        const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(watchdog);
        if (watchdog > 0ns) all["WATCHDOG_USEC"] = std::to_string(microseconds.count());
    }
    return all;
}

/// Hooks and commands write to the log where the main process has a file of its own; what a check's
/// command writes is kept for its sample.
spec::OutputFile output_of(const spec::OutputFile& wanted, core::RunRole role) {
    if (role == core::RunRole::Check) return spec::LogFile{};
    const bool own_file = std::holds_alternative<spec::PathFile>(wanted);
    return own_file && role != core::RunRole::Main ? spec::OutputFile(spec::LogFile{}) : wanted;
}

constexpr int kOutputFlags = O_WRONLY | O_CREAT | O_APPEND;

void add_output(os::ChildSetup& setup, int fd, const spec::OutputFile& wanted) {
    if (const auto* file = std::get_if<spec::PathFile>(&wanted)) {
        setup.redirections.push_back({fd, file->path, -1, kOutputFlags, false});
    } else if (std::holds_alternative<spec::NullFile>(wanted)) {
        setup.redirections.push_back({fd, "", -1, 0, false});
    } else if (std::holds_alternative<spec::ConsoleFile>(wanted)) {
        setup.redirections.push_back({fd, "/dev/console", -1, O_WRONLY, true});
    }
}

void add_redirections(os::ChildSetup& setup, const spec::StdioSpec& stdio, core::RunRole role) {
    const bool is_main = role == core::RunRole::Main;
    if (const auto* file = std::get_if<spec::PathFile>(&stdio.input); file != nullptr && is_main) {
        setup.redirections.push_back({STDIN_FILENO, file->path, -1, O_RDONLY, false});
    } else if (std::holds_alternative<spec::ConsoleFile>(stdio.input)) {
        setup.redirections.push_back({STDIN_FILENO, "/dev/console", -1, O_RDONLY, true});
    }
    const spec::OutputFile output = output_of(stdio.output, role);
    const spec::OutputFile error = output_of(stdio.error, role);
    add_output(setup, STDOUT_FILENO, output);
    const bool shared = output == error && !std::holds_alternative<spec::LogFile>(error);
    if (shared) {
        setup.redirections.push_back({STDERR_FILENO, "", STDOUT_FILENO, 0, false});
    } else {
        add_output(setup, STDERR_FILENO, error);
    }
}

}  // namespace

bool writes_to_log(const spec::StdioSpec& stdio, core::RunRole role) {
    return std::holds_alternative<spec::LogFile>(output_of(stdio.output, role)) ||
           std::holds_alternative<spec::LogFile>(output_of(stdio.error, role));
}

bool uses_notify_socket(const spec::Service& service) {
    return std::holds_alternative<spec::ReadyOnNotify>(service.readiness) ||
           watchdog_time(service) > 0ns;
}

int notification_fd(const spec::Service& service) {
    const auto* on_fd = std::get_if<spec::ReadyOnFd>(&service.readiness);
    return on_fd == nullptr ? -1 : on_fd->fd;
}

ChildPlanner::ChildPlanner() : is_root_(::geteuid() == 0) {}

Result<const ChildPlanner::Account*> ChildPlanner::find_account(
    const spec::Credentials& credentials, const std::string& root) {
    std::string key = root + "\n" + credentials.user + "\n" + credentials.group;
    for (const std::string& name : credentials.supplementary_groups)
        key += "\n" + name;
    const auto known = users_.find(key);
    if (known != users_.end()) return &known->second;
    Account account;
    const os::UserDatabase users(root);
    account.user =
        TRY(credentials.user.empty() ? os::default_app_user() : users.find_user(credentials.user));
    account.gid = account.user.gid;
    if (!credentials.group.empty()) account.gid = TRY(users.find_group(credentials.group));
    account.groups = TRY(users.groups_of(account.user.name, account.gid));
    for (const std::string& name : credentials.supplementary_groups) {
        const gid_t group = TRY(users.find_group(name));
        const auto known_group = std::find(account.groups.begin(), account.groups.end(), group);
        if (known_group == account.groups.end()) account.groups.push_back(group);
    }
    return &(users_[key] = std::move(account));
}

Result<uid_t> ChildPlanner::uid_of(const spec::Service& service) {
    return TRY(find_account(service.credentials, service.chroot))->user.uid;
}

Result<std::unique_ptr<os::ChildSetup>> ChildPlanner::plan(const core::SpawnRun& run,
                                                           const ChildContext& context) {
    const spec::Service& service = *run.service;
    const Account* account = TRY(find_account(service.credentials, service.chroot));
    if (!is_root_ && account->user.uid != ::geteuid()) {
        return Error{"run as " + account->user.name + ": this reeve has no root's rights", EPERM};
    }
    auto setup = std::make_unique<os::ChildSetup>();
    const spec::Environment environment = environment_of(run, context, account->user);
    const auto path = environment.find("PATH");
    const spec::Command command =
        names_the_main_process(run.role) ? spec::with_pid(run.command, run.main_pid) : run.command;
    Execution execution =
        execution_of(command, path == environment.end() ? os::kDefaultPath : path->second);
    setup->executables = std::move(execution.executables);
    setup->arguments = std::move(execution.arguments);
    setup->script = std::move(execution.script);
    setup->passed_fds = context.passed_fds;
    for (const auto& [name, value] : environment)
        setup->environment.push_back(name + "=" + value);
    setup->root_dir = service.chroot;
    setup->ignores_hangup = service.ignores_hangup;
    add_redirections(*setup, service.stdio, run.role);
    if (!context.ready_pipe.empty()) {
        // The last: it may have the number of what the others are made of.
        setup->redirections.push_back(
            {notification_fd(service), context.ready_pipe, -1, O_WRONLY, false});
    }
    setup->working_dir = service.working_dir.empty() ? "/" : service.working_dir;
    setup->limits.emplace_back(RLIMIT_NOFILE, open_files_limit());
    for (const spec::ResourceLimit& limit : service.limits) {
        setup->limits.emplace_back(limit.resource, to_rlimit(limit));
    }
    setup->nice = service.nice;
    if (service.oom_score_adjust)
        setup->oom_score_adjust = std::to_string(*service.oom_score_adjust);
    setup->umask = service.umask.value_or(022);
    if (is_root_)
        setup->identity =
            os::ChildSetup::Identity{account->user.uid, account->gid, account->groups};
    return setup;
}

std::vector<std::string> programs_of(const spec::App& app, const spec::Service& service) {
    const std::string program = program_name(service.command);
    if (program.empty()) return {};
    std::string path = os::kDefaultPath;
    for (const spec::Environment* environment : {&app.environment, &service.environment}) {
        const auto own = environment->find("PATH");
        if (own != environment->end()) path = own->second;
    }
    std::vector<std::string> programs = candidates(program, path);
    for (std::string& one : programs) {
        if (!one.starts_with('/')) {
            const bool rooted = service.working_dir.empty() || service.working_dir == "/";
            one = (rooted ? "" : service.working_dir) + "/" + one;
        }
        one = service.chroot + one;
    }
    return programs;
}

}  // namespace reeve::drivers
