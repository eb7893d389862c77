#include "keeper/own_child.h"

#include <limits.h>
#include <signal.h>
#include <unistd.h>

#include "link/keeper_protocol.h"

namespace reeve::keeper {
namespace {

/// Runs in the child of fork: only async-signal-safe calls.
[[noreturn]] void become(const char* path, const char* name, int link_fd) {
    if (link_fd == link::kKeeperLinkFd) {
        (void)os::set_close_on_exec(link_fd, false);  // fcntl on an open descriptor
    } else {
        ::dup2(link_fd, link::kKeeperLinkFd);
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execl(path, name, static_cast<char*>(nullptr));
    ::_exit(127);
}

}  // namespace

Result<std::string> executable_directory() {
    char path[PATH_MAX];
    const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
    if (size <= 0) return system_error("read /proc/self/exe");
    const std::string whole(path, static_cast<std::size_t>(size));
    return whole.substr(0, whole.rfind('/'));
}

Result<pid_t> start_own_program(const std::string& name, const os::UniqueFd& link) {
    const std::string path = TRY(executable_directory()) + "/" + name;
    const pid_t pid = ::fork();
    if (pid < 0) return system_error("fork for " + name);
    if (pid == 0) become(path.c_str(), name.c_str(), link.get());
    return pid;
}

}  // namespace reeve::keeper
