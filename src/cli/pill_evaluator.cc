#include "cli/pill_evaluator.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "formats/diagnostic.h"
#include "os/fd.h"
#include "os/process.h"

namespace reeve::cli {
namespace {

constexpr const char* kDescriptorVariable = "REEVE_PILL_FD";

Duration now() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// The first program of that name in PATH.
Result<std::string> find_in_path(std::string_view name) {
    const char* path = ::getenv("PATH");
    const std::string_view list = path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path;
    for (const std::string_view directory : split(list, ':')) {
        const std::string file =
            (directory.empty() ? "." : std::string(directory)) + "/" + std::string(name);
        if (::access(file.c_str(), X_OK) == 0) return file;
    }
    return Error{"there is no " + std::string(name) + " in PATH", ENOENT};
}

Result<std::string> find_recorder(const Context& context) {
    const std::string file = context.program_directory + "/../lib/reeve/ruby/recorder.rb";
    if (::access(file.c_str(), R_OK) == 0) return file;
    return system_error("find " + file);
}

void set_limit(int resource, std::uint64_t value) {
    rlimit limit{};
    if (::getrlimit(static_cast<__rlimit_resource_t>(resource), &limit) != 0) return;
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, value);
    (void)::setrlimit(static_cast<__rlimit_resource_t>(resource), &limit);  // the wall limit holds
}

/// In the child: its own process group, so that all of it can be ended.
[[noreturn]] void become_ruby(const std::string& ruby, const std::string& recorder,
                              const std::string& pill, int descriptor, const PillLimits& limits) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    // Its group is not the terminal's: reading from there would stop it.
    if (::isatty(STDIN_FILENO) == 1) {
        const int null = ::open("/dev/null", O_RDONLY);
        if (null >= 0) ::dup2(null, STDIN_FILENO);
    }
    ::setenv(kDescriptorVariable, std::to_string(descriptor).c_str(), 1);
    const char* const arguments[] = {ruby.c_str(), "-r", recorder.c_str(), pill.c_str(), nullptr};
    // Last: this program itself may have more memory already, and could not even ask for some.
    set_limit(RLIMIT_CPU, static_cast<std::uint64_t>(limits.cpu / 1s));
    set_limit(RLIMIT_AS, limits.memory_bytes);
    ::execv(ruby.c_str(), const_cast<char* const*>(arguments));
    ::dprintf(STDERR_FILENO, "execute %s: %s\n", ruby.c_str(), ::strerror(errno));
    ::_exit(127);
}

/// A pill in the middle of its evaluation.
class Evaluation {
public:
    Evaluation(std::string path, pid_t pid, os::UniqueFd from, const PillLimits& limits)
        : path_(std::move(path)),
          pid_(pid),
          from_(std::move(from)),
          wall_(limits.wall),
          end_(now() + limits.wall) {}

    Evaluation(const Evaluation&) = delete;
    Evaluation& operator=(const Evaluation&) = delete;

    /// Nothing of it is left behind when it has failed.
    ~Evaluation() {
        if (pid_ > 0) end_all();
    }

    Result<EvaluatedPill> finish() {
        EvaluatedPill pill;
        TRY(read_all(pill.json));
        const os::UniqueFd process = TRY(os::open_pidfd(pid_));
        TRY(wait_for(process.get()));
        siginfo_t end{};
        // Not reaped yet, so that its group cannot be taken for somebody else's.
        while (::waitid(P_PID, static_cast<id_t>(pid_), &end, WEXITED | WNOWAIT) != 0) {
            if (errno != EINTR) return system_error("wait for ruby");
        }
        if (end.si_code != CLD_EXITED) return Error{ended_by(end.si_status)};
        reap();
        pid_ = 0;
        pill.exit_code = end.si_status;
        return pill;
    }

private:
    Result<void> wait_for(int fd) const {
        while (true) {
            const auto left =
                std::chrono::duration_cast<std::chrono::milliseconds>(end_ - now()).count();
            if (left <= 0) return too_long();
            pollfd waiting{fd, POLLIN, 0};
            const int ready = ::poll(&waiting, 1, static_cast<int>(left));
            if (ready > 0) return {};
            if (ready < 0 && errno != EINTR) return system_error("wait for ruby");
        }
    }

    Result<void> read_all(std::string& text) const {
        char buffer[64 * 1024];
        while (true) {
            TRY(wait_for(from_.get()));
            const ssize_t size = ::read(from_.get(), buffer, sizeof buffer);
            if (size < 0 && errno == EINTR) continue;
            if (size < 0) return system_error("read what ruby says");
            if (size == 0) return {};
            text.append(buffer, static_cast<std::size_t>(size));
            if (text.size() > formats::kConfigBytesMax) {
                return Error{path_ + ": what it describes takes more than 1 MiB"};
            }
        }
    }

    Error too_long() const {
        return Error{path_ + ": its evaluation took longer than " + to_text(wall_) +
                     " and was ended"};
    }

    std::string ended_by(int signal) const {
        if (signal == SIGXCPU || signal == SIGKILL) {
            return path_ + ": its evaluation used too much processor time and was ended";
        }
        return path_ + ": ruby was killed by signal " + std::to_string(signal);
    }

    void end_all() {
        ::kill(-pid_, SIGKILL);
        ::kill(pid_, SIGKILL);
        reap();
    }

    void reap() const {
        while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR)
            continue;
    }

    std::string path_;
    pid_t pid_;
    os::UniqueFd from_;
    Duration wall_;
    Duration end_;
};

}  // namespace

Result<EvaluatedPill> evaluate_pill(const Context& context, const std::string& path,
                                    const PillLimits& limits) {
    const Result<std::string> ruby = find_in_path("ruby");
    if (!ruby) {
        return Error{path + ": a .pill is a Ruby program, and there is no ruby in PATH; install " +
                     "it (apt-get install ruby), or load what `reeve-pill " + path +
                     "` prints on a machine that has it"};
    }
    const std::string recorder = TRY(find_recorder(context));
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return system_error("make a pipe");
    os::UniqueFd from(ends[0]);
    os::UniqueFd into(ends[1]);
    ::fflush(nullptr);
    const pid_t child = ::fork();
    if (child < 0) return system_error("start ruby");
    if (child == 0) {
        (void)os::set_close_on_exec(into.get(), false);  // a failure shows as nothing handed over
        become_ruby(*ruby, recorder, path, into.get(), limits);
    }
    ::setpgid(child, child);
    into.reset();
    return Evaluation(path, child, std::move(from), limits).finish();
}

}  // namespace reeve::cli
