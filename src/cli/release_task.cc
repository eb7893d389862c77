#include "cli/release_task.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "os/users.h"
#include "spec/command.h"
#include "status/exit.h"

namespace reeve::cli {
namespace {

Result<os::User> user_of(const spec::App& app) {
    const bool named = !app.services.empty() && !app.services.front().credentials.user.empty();
    return named ? os::find_user(app.services.front().credentials.user) : os::default_app_user();
}

std::vector<std::string> arguments_of(const spec::Command& command) {
    if (const auto* direct = std::get_if<spec::DirectCommand>(&command)) return direct->argv;
    return {"bash", "-c", std::get<spec::ShellCommand>(command).text};
}

std::vector<std::string> environment_of(const spec::App& app, const os::User& user) {
    spec::Environment all = os::login_environment(user);
    for (const auto& [name, value] : app.environment)
        all[name] = value;
    all["DYNO"] = "release.1";
    all["PS"] = "release";
    all["REEVE_APP"] = app.name;
    std::vector<std::string> entries;
    for (const auto& [name, value] : all)
        entries.push_back(name + "=" + value);
    return entries;
}

std::vector<char*> c_strings_of(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

[[noreturn]] void fail(const char* step) {
    ::dprintf(STDERR_FILENO, "release: %s: %s\n", step, ::strerror(errno));
    ::_exit(127);
}

/// In the child.
[[noreturn]] void become(const spec::App& app, const os::User& user) {
    if (::geteuid() == 0 && user.uid != 0) {
        if (::initgroups(user.name.c_str(), user.gid) != 0) fail("set the groups");
        if (::setgid(user.gid) != 0) fail("set the group id");
        if (::setuid(user.uid) != 0) fail("set the user id");
    }
    if (::chdir(app.directory.c_str()) != 0) fail(app.directory.c_str());
    std::vector<std::string> arguments = arguments_of(*app.release_command);
    std::vector<std::string> environment = environment_of(app, user);
    const std::vector<char*> argument_pointers = c_strings_of(arguments);
    const std::vector<char*> environment_pointers = c_strings_of(environment);
    ::execvpe(arguments.front().c_str(), argument_pointers.data(), environment_pointers.data());
    fail(arguments.front().c_str());
}

}  // namespace

Result<void> run_release_task(const spec::App& app) {
    if (!app.release_command) return {};
    const os::User user = TRY(user_of(app));
    ::fprintf(stderr, "release: %s\n", spec::to_text(*app.release_command).c_str());
    const pid_t child = ::fork();
    if (child < 0) return system_error("start the release command");
    if (child == 0) become(app, user);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return system_error("wait for the release command");
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
    const status::Exit exit = WIFEXITED(status)
                                  ? status::Exit(status::ExitCode{WEXITSTATUS(status)})
                                  : status::Exit(status::ExitSignal{WTERMSIG(status), false});
    return Error{"the release command ended with " + status::to_text(exit) +
                 "; nothing was changed"};
}

}  // namespace reeve::cli
