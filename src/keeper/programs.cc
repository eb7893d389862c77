#include "keeper/programs.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "link/keeper_protocol.h"

namespace reeve::keeper {
namespace {

/// Above the numbers that a child's own descriptors get.
constexpr int kLowestHeldFd = 10;
constexpr int kTrialMilliseconds = 5'000;
constexpr int kTrialLookMilliseconds = 10;

std::string link_target(const std::string& path) {
    char target[PATH_MAX];
    const ssize_t size = ::readlink(path.c_str(), target, sizeof target);
    return size <= 0 ? std::string() : std::string(target, static_cast<std::size_t>(size));
}

/// Whether the path still leads to the file that is held. Executed by its path, a program bears its
/// name; by its descriptor, the kernel calls it by a number until it names itself.
bool is_still_there(const Program& program) {
    struct stat held {};
    struct stat found {};
    return ::fstat(program.file.get(), &held) == 0 && ::stat(program.path.c_str(), &found) == 0 &&
           held.st_dev == found.st_dev && held.st_ino == found.st_ino;
}

/// Only async-signal-safe calls. Returns when it failed.
void execute_file(const Program& program, bool by_path, char* const* arguments) {
    if (by_path) ::execv(program.path.c_str(), arguments);
    ::syscall(SYS_execveat, program.file.get(), "", arguments, environ, AT_EMPTY_PATH);
}

/// Runs in the child of vfork, on its parent's memory: only async-signal-safe calls that leave no
/// trace there.
[[noreturn]] void become(const Program& program, bool by_path, char* const* arguments,
                         int link_fd) {
    if (link_fd == link::kKeeperLinkFd) {
        (void)os::set_close_on_exec(link_fd, false);  // fcntl on an open descriptor
    } else if (link_fd >= 0) {
        ::dup2(link_fd, link::kKeeperLinkFd);
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    execute_file(program, by_path, arguments);
    ::_exit(127);
}

Result<pid_t> start(const Program& program, const char* argument, int link_fd) {
    std::string name = program.name;
    std::string word = argument == nullptr ? "" : argument;
    char* const arguments[] = {name.data(), argument == nullptr ? nullptr : word.data(), nullptr};
    const bool by_path = is_still_there(program);
    const pid_t pid = ::vfork();
    if (pid < 0) return system_error("fork for " + program.name);
    if (pid == 0) become(program, by_path, arguments, link_fd);
    return pid;
}

}  // namespace

Result<Programs> Programs::open(const std::string& directory) {
    Programs programs;
    for (Program& program : programs.programs_) {
        program.path = directory + "/" + program.name;
        if (::access(program.path.c_str(), X_OK) != 0)
            return system_error("execute " + program.path);
        const os::UniqueFd file = TRY(os::open_file(program.path, O_RDONLY));
        program.file.reset(::fcntl(file.get(), F_DUPFD_CLOEXEC, kLowestHeldFd));
        if (!program.file) return system_error("hold " + program.path);
    }
    return programs;
}

const Program& Programs::find(const std::string& name) const {
    for (const Program& program : programs_) {
        if (program.name == name) return program;
    }
    CHECK(false);
    return programs_[0];
}

std::string Programs::directory() const {
    const std::string& path = programs_[0].path;
    return path.substr(0, path.rfind('/'));
}

void Programs::visit(const std::function<void(const Program&)>& visit) const {
    for (const Program& program : programs_)
        visit(program);
}

void Programs::adopt(const std::string& name, os::UniqueFd file) {
    for (Program& program : programs_) {
        if (program.name != name) continue;
        program.path = link_target("/proc/self/fd/" + std::to_string(file.get()));
        program.file = std::move(file);
    }
}

bool Programs::complete() const {
    for (const Program& program : programs_) {
        if (!program.file) return false;
    }
    return true;
}

Result<pid_t> start_program(const Program& program, const os::UniqueFd& link) {
    return start(program, nullptr, link.get());
}

Error execute(const Program& program, const char* argument, const std::string& value) {
    std::string name = program.name;
    std::string word = argument;
    std::string last = value;
    char* const arguments[] = {name.data(), word.data(), last.data(), nullptr};
    execute_file(program, is_still_there(program), arguments);
    return system_error("execute " + program.path);
}

Result<void> try_program(const Program& program) {
    const pid_t pid = TRY(start(program, "--version", -1));
    for (int waited = 0; waited < kTrialMilliseconds; waited += kTrialLookMilliseconds) {
        int status = 0;
        const pid_t ended = ::waitpid(pid, &status, WNOHANG);
        if (ended == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
        if (ended == pid) return Error{program.path + " --version does not end well"};
        ::poll(nullptr, 0, kTrialLookMilliseconds);
    }
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return Error{program.path + " --version does not end"};
}

Result<std::string> executable_directory() {
    const std::string path = link_target("/proc/self/exe");
    if (path.empty()) return system_error("read /proc/self/exe");
    return path.substr(0, path.rfind('/'));
}

}  // namespace reeve::keeper
