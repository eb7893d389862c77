#include "drivers/child_plan.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "spec/instance_name.h"

namespace reeve::drivers {
namespace {

struct Execution {
    std::vector<std::string> executables;
    std::vector<std::string> arguments;
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
        case spec::Shell::ShErrexitFile:
            return {{"/bin/sh"}, {"/bin/sh", "-e", "-c", shell.text, "/bin/sh"}};
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

spec::Environment environment_of(const core::SpawnRun& run, const ChildContext& context,
                                 const os::User& user) {
    spec::Environment all = os::login_environment(user);
    for (const auto& [name, value] : run.app->environment)
        all[name] = value;
    for (const auto& [name, value] : run.service->environment)
        all[name] = value;
    if (context.port != 0) all["PORT"] = std::to_string(context.port);
    const std::string instance = spec::instance_text(run.instance);
    all["DYNO"] = instance;
    all["PS"] = run.instance.service;
    all["REEVE_APP"] = run.instance.app;
    all["REEVE_SERVICE"] = run.instance.service;
    all["REEVE_INSTANCE"] = instance;
    if (run.main_pid != 0) all["REEVE_MAIN_PID"] = std::to_string(run.main_pid);
    if (!context.run_mark.empty()) all["REEVE_RUN"] = context.run_mark;
    return all;
}

}  // namespace

ChildPlanner::ChildPlanner() : is_root_(::geteuid() == 0), default_user_(os::default_app_user()) {}

Result<const ChildPlanner::Account*> ChildPlanner::find_account(
    const spec::Credentials& credentials) {
    const std::string key = credentials.user + ":" + credentials.group;
    const auto known = users_.find(key);
    if (known != users_.end()) return &known->second;
    Account account;
    account.user = credentials.user.empty() ? default_user_ : TRY(os::find_user(credentials.user));
    account.gid = account.user.gid;
    if (!credentials.group.empty()) account.gid = TRY(os::find_group(credentials.group));
    account.groups = os::groups_of(account.user.name, account.gid);
    for (const std::string& name : credentials.supplementary_groups) {
        account.groups.push_back(TRY(os::find_group(name)));
    }
    return &(users_[key] = std::move(account));
}

Result<std::unique_ptr<os::ChildSetup>> ChildPlanner::plan(const core::SpawnRun& run,
                                                           const ChildContext& context) {
    const spec::Service& service = *run.service;
    const Account* account = TRY(find_account(service.credentials));
    if (!is_root_ && account->user.uid != ::geteuid()) {
        return Error{"run as " + account->user.name + ": this reeve has no root's rights", EPERM};
    }
    auto setup = std::make_unique<os::ChildSetup>();
    const spec::Environment environment = environment_of(run, context, account->user);
    Execution execution = execution_of(run.command, environment.at("PATH"));
    setup->executables = std::move(execution.executables);
    setup->arguments = std::move(execution.arguments);
    for (const auto& [name, value] : environment)
        setup->environment.push_back(name + "=" + value);
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

}  // namespace reeve::drivers
