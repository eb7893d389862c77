#include "os/subprocess.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "os/process.h"

namespace reeve::os {
namespace {

/// What posix_spawn(3) is told, freed with the scope.
struct SpawnSettings {
    posix_spawn_file_actions_t files{};
    posix_spawnattr_t attributes{};

    SpawnSettings() {
        ::posix_spawn_file_actions_init(&files);
        ::posix_spawnattr_init(&attributes);
    }
    ~SpawnSettings() {
        ::posix_spawn_file_actions_destroy(&files);
        ::posix_spawnattr_destroy(&attributes);
    }
    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;
};

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> all;
    for (std::string& word : words)
        all.push_back(word.data());
    all.push_back(nullptr);
    return all;
}

}  // namespace

Result<Subprocess> Subprocess::start(const std::vector<std::string>& argv) {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) return system_error("make a pipe");
    Subprocess child;
    child.output_.reset(ends[0]);
    const UniqueFd writing(ends[1]);
    // The child waits where its output is not read yet; only our end does not.
    ::fcntl(writing.get(), F_SETFL, 0);

    SpawnSettings settings;
    ::posix_spawn_file_actions_addopen(&settings.files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&settings.files, writing.get(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&settings.files, writing.get(), STDERR_FILENO);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&settings.attributes, &none);
    ::posix_spawnattr_setsigdefault(&settings.attributes, &all);
    ::posix_spawnattr_setpgroup(&settings.attributes, 0);
    ::posix_spawnattr_setflags(&settings.attributes, POSIX_SPAWN_SETSIGMASK |
                                                         POSIX_SPAWN_SETSIGDEF |
                                                         POSIX_SPAWN_SETPGROUP);

    std::vector<std::string> arguments = argv;
    std::vector<std::string> variables = {
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"};
    const int error =
        ::posix_spawn(&child.pid_, argv.front().c_str(), &settings.files, &settings.attributes,
                      pointers(arguments).data(), pointers(variables).data());
    if (error != 0) {
        child.pid_ = 0;
        return system_error("start " + argv.front(), error);
    }
    child.pidfd_ = TRY(open_pidfd(child.pid_));
    return child;
}

Subprocess::Subprocess(Subprocess&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      pidfd_(std::move(other.pidfd_)),
      output_(std::move(other.output_)),
      said_(std::move(other.said_)) {}

Subprocess::~Subprocess() {
    if (pid_ == 0) return;
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

void Subprocess::read_output() {
    char buffer[4096];
    for (;;) {
        const ssize_t size = ::read(output_.get(), buffer, sizeof buffer);
        if (size <= 0) return;
        const std::size_t room = kSubprocessOutputMax - said_.size();
        said_.append(buffer, std::min(static_cast<std::size_t>(size), room));
    }
}

std::optional<int> Subprocess::reap() {
    int status = 0;
    if (pid_ == 0 || ::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
    pid_ = 0;
    return status;
}

}  // namespace reeve::os
