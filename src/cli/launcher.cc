#include "cli/launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "api/clock.h"
#include "base/text.h"
#include "cli/log_tail.h"
#include "os/fd.h"

namespace reeve::cli {
namespace {

constexpr Duration kStartPatience = 30s;
constexpr int kAskAgainMs = 2;
constexpr off_t kLogBytesMax = 10'000'000;
constexpr std::size_t kLogLinesShown = 5;
constexpr rlim_t kStackBytes = rlim_t{8} << 20;
constexpr const char* kPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr const char* kKept[] = {
    "HOME",        "USER", "LOGNAME",         "LANG",           "LC_ALL",
    "LC_CTYPE",    "TZ",   "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME",
    "REEVE_RECORD"};

/// Everything that the child needs, prepared before the fork.
struct Prepared {
    const char* program;
    std::vector<char*> environment;
    int log_fd;
    int failure_fd;
    pid_t parent;
    bool ends_with_us;
};

void reset_signals() {
    struct sigaction plain {};
    plain.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; ++number)
        ::sigaction(number, &plain, nullptr);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// A shell's soft limits are meant for its user, not for a daemon: back to the hard ones.
void reset_limits() {
    constexpr int kRaised[] = {RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_DATA,
                               RLIMIT_AS,  RLIMIT_NPROC, RLIMIT_NOFILE};
    struct rlimit limit {};
    for (const int resource : kRaised) {
        if (::getrlimit(static_cast<__rlimit_resource>(resource), &limit) < 0) continue;
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(static_cast<__rlimit_resource>(resource), &limit);
    }
    if (::getrlimit(RLIMIT_STACK, &limit) == 0) {
        limit.rlim_cur = std::min(limit.rlim_max, kStackBytes);
        ::setrlimit(RLIMIT_STACK, &limit);
    }
    ::setpriority(PRIO_PROCESS, 0, 0);
}

/// Runs in the child of fork: only async-signal-safe calls.
[[noreturn]] void become_child(const Prepared& prepared) {
    ::setsid();
    if (prepared.ends_with_us) {
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (::getppid() != prepared.parent) ::_exit(1);  // it died before that
    }
    reset_signals();
    reset_limits();
    ::umask(022);
    if (::chdir("/") < 0) ::_exit(1);
    const int null_fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(null_fd, STDIN_FILENO);
    ::dup2(prepared.log_fd, STDOUT_FILENO);
    ::dup2(prepared.log_fd, STDERR_FILENO);
    // Everything else goes at the exec, the pipe that reports a failing exec among it.
    ::syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
    char name[] = "reeve-keeper";
    char* argv[] = {name, nullptr};
    ::execve(prepared.program, argv, prepared.environment.data());
    const int code = errno;
    const ssize_t written = ::write(prepared.failure_fd, &code, sizeof code);
    ::_exit(written == sizeof code ? 127 : 126);
}

/// A log that has grown large is set aside.
Result<os::UniqueFd> open_log(const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) == 0 && found.st_size > kLogBytesMax) {
        (void)::rename(path.c_str(), (path + ".1").c_str());  // else it grows on
    }
    TRY(os::make_directories(path.substr(0, path.rfind('/')), 0755));
    return os::open_file(path, O_WRONLY | O_CREAT | O_APPEND, 0640);
}

std::string last_words(const std::string& log_file) {
    const auto tail = read_tail(log_file, kLogLinesShown);
    std::string text;
    if (tail) {
        for (const std::string& line : tail->lines)
            text += "\n  " + line;
    }
    return text;
}

}  // namespace

Result<std::string> find_keeper(const Context& context) {
    const std::string beside = context.program_directory + "/reeve-keeper";
    const std::string in_lib = context.program_directory + "/../lib/reeve/reeve-keeper";
    for (const std::string& path : {beside, in_lib}) {
        if (::access(path.c_str(), X_OK) == 0) return path;
    }
    return Error{"the program reeve-keeper is neither at " + beside + " nor at " + in_lib +
                 ": is reeve installed as a whole?"};
}

std::vector<std::string> clean_environment(const Context& context, const std::string& root) {
    std::vector<std::string> environment = {kPath};
    for (const char* name : kKept) {
        const char* value = ::getenv(name);
        if (value != nullptr) environment.push_back(std::string(name) + "=" + value);
    }
    const std::string& chosen = root.empty() ? context.paths.root : root;
    if (!chosen.empty()) environment.push_back("REEVE_ROOT=" + chosen);
    return environment;
}

Result<pid_t> start_keeper(const KeeperLaunch& launch) {
    const os::UniqueFd log = TRY(open_log(launch.log_file));
    int pipe_fds[2];
    if (::pipe2(pipe_fds, O_CLOEXEC) < 0) return system_error("make a pipe");
    os::UniqueFd failure_end(pipe_fds[1]);
    const os::UniqueFd own_end(pipe_fds[0]);
    Prepared prepared{launch.program.c_str(), {},         log.get(),
                      failure_end.get(),      ::getpid(), launch.ends_with_us};
    std::vector<std::string> environment = launch.environment;
    for (std::string& variable : environment)
        prepared.environment.push_back(variable.data());
    prepared.environment.push_back(nullptr);
    const pid_t pid = ::fork();
    if (pid < 0) return system_error("fork for " + launch.program);
    if (pid == 0) become_child(prepared);
    failure_end.reset();
    int code = 0;
    if (::read(own_end.get(), &code, sizeof code) == sizeof code) {
        ::waitpid(pid, nullptr, 0);
        return system_error("execute " + launch.program, code);
    }
    return pid;
}

Result<void> wait_until_it_answers(const api::Client& client, pid_t pid,
                                   const std::string& log_file) {
    const TimePoint until = api::client_now() + kStartPatience;
    api::ClientPatience patience;
    patience.reconnect = 0s;
    while (api::client_now() < until) {
        patience.answer = until - api::client_now();
        const auto answer = client.send({"GET", "/v1/version", ""}, patience, nullptr);
        if (answer) return {};
        if (::waitpid(pid, nullptr, WNOHANG) == pid) {
            return Error{"reeve has ended right after its start; its log " + log_file +
                         " ends with:" + last_words(log_file)};
        }
        ::poll(nullptr, 0, kAskAgainMs);
    }
    return Error{"reeve was started (pid " + std::to_string(pid) + ") but does not answer after " +
                 to_text(kStartPatience) + "; its log " + log_file +
                 " ends with:" + last_words(log_file)};
}

Result<void> launch_detached(const Context& context) {
    KeeperLaunch launch;
    launch.program = TRY(find_keeper(context));
    launch.environment = clean_environment(context, "");
    launch.log_file = context.paths.log_dir + "/reeve.log";
    const pid_t pid = TRY(start_keeper(launch));
    return wait_until_it_answers(context.client(), pid, launch.log_file);
}

Error become_keeper(const Context& context) {
    const auto program = find_keeper(context);
    if (!program) return program.error();
    ::execl(program->c_str(), "reeve-keeper", static_cast<char*>(nullptr));
    return system_error("execute " + *program);
}

}  // namespace reeve::cli
