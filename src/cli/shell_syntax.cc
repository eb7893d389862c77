#include "cli/shell_syntax.h"

#include <errno.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/fd.h"

namespace reeve::cli {
namespace {

constexpr std::size_t kMessagesMax = 16 * 1024;

// A file in memory, which the shell cannot block on.
Result<os::UniqueFd> memory_file(const std::string& text) {
    os::UniqueFd file(::memfd_create("script", MFD_CLOEXEC));
    if (file.get() < 0) return system_error("make a file in memory");
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t wrote = ::write(file.get(), text.data() + done, text.size() - done);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return system_error("write the script");
        done += static_cast<std::size_t>(wrote);
    }
    ::lseek(file.get(), 0, SEEK_SET);
    return file;
}

Result<int> run_shell(int input, int messages) {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, messages, STDERR_FILENO);
    char name[] = "sh";
    char option[] = "-n";
    char* const arguments[] = {name, option, nullptr};
    char* const environment[] = {nullptr};
    pid_t child = 0;
    const int code = ::posix_spawn(&child, "/bin/sh", &actions, nullptr, arguments, environment);
    ::posix_spawn_file_actions_destroy(&actions);
    if (code != 0) return system_error("execute /bin/sh", code);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return system_error("wait for /bin/sh");
    }
    return status;
}

}  // namespace

Result<void> check_shell_syntax(const std::string& script) {
    const os::UniqueFd input = TRY(memory_file(script));
    const os::UniqueFd messages = TRY(memory_file(""));
    if (TRY(run_shell(input.get(), messages.get())) == 0) return {};
    std::string text(kMessagesMax, '\0');
    const ssize_t size = ::pread(messages.get(), text.data(), text.size(), 0);
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return Error{text.empty() ? "the shell refuses it\n" : text};
}

}  // namespace reeve::cli
