#include "cli/one_off.h"

#include <grp.h>
#include <stdlib.h>
#include <unistd.h>

#include "os/users.h"

namespace reeve::cli {
namespace {

Result<void> take_identity(const os::User& user) {
    if (::geteuid() == user.uid) return {};
    if (::geteuid() != 0) {
        return Error{"only root and " + user.name + " may run commands as " + user.name};
    }
    if (::initgroups(user.name.c_str(), user.gid) != 0) return system_error("set the groups");
    if (::setgid(user.gid) != 0) return system_error("set the group id");
    if (::setuid(user.uid) != 0) return system_error("set the user id");
    return {};
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

}  // namespace

Error become_one_off(const OneOff& one_off) {
    const Result<os::User> user =
        one_off.user.empty() ? os::default_app_user() : os::find_user(one_off.user);
    if (!user) return user.error();
    const Result<void> taken = take_identity(*user);
    if (!taken) return taken.error();
    if (::chdir(one_off.directory.c_str()) != 0) return system_error("enter " + one_off.directory);
    spec::Environment all = os::login_environment(*user);
    for (const auto& [name, value] : one_off.environment)
        all[name] = value;
    all["DYNO"] = one_off.dyno;
    const char* terminal = ::getenv("TERM");
    if (terminal != nullptr) all.emplace("TERM", terminal);
    std::vector<std::string> entries;
    for (const auto& [name, value] : all)
        entries.push_back(name + "=" + value);
    std::vector<std::string> arguments = one_off.arguments;
    const std::vector<char*> argument_pointers = pointers_to(arguments);
    const std::vector<char*> environment_pointers = pointers_to(entries);
    // The program is looked up in the app's own PATH.
    ::setenv("PATH", all["PATH"].c_str(), 1);
    ::alarm(one_off.ttl_seconds);
    ::execvpe(arguments.front().c_str(), argument_pointers.data(), environment_pointers.data());
    return system_error(arguments.front());
}

}  // namespace reeve::cli
