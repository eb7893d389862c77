#include "cli/git_hook.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/fd.h"
#include "os/users.h"

namespace reeve::cli {
namespace {

constexpr mode_t kHookMode = 0755;

std::string quoted(const std::string& text) {
    std::string result = "'";
    for (const char c : text)
        result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + "'";
}

Result<void> run_git_init(const std::string& path) {
    const pid_t child = ::fork();
    if (child < 0) return system_error("start git");
    if (child == 0) {
        ::execlp("git", "git", "init", "--quiet", "--bare", "--", path.c_str(), nullptr);
        ::_exit(127);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return system_error("wait for git");
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return Error{"git is not installed"};
    return Error{"git could not make a repository at " + path};
}

}  // namespace

std::string push_hook(const std::string& program, const std::string& root, const std::string& app) {
    const std::string where = root.empty() ? "" : "export REEVE_ROOT=" + quoted(root) + "\n";
    return "#!/bin/sh\n"
           "# Deploys what was pushed to the app's branch. A failed deploy refuses the push.\n" +
           where +
           "while read -r old new name; do\n"
           "    case $name in refs/heads/*) ;; *) continue ;; esac\n"
           "    case $new in *[!0]*) ;; *) continue ;; esac\n"
           "    git archive \"$new\" | " +
           quoted(program) + " dokku git:receive " + quoted(app) +
           " \"$new\" \"${name#refs/heads/}\" || exit 1\n"
           "done\n";
}

Result<std::string> make_push_repository(const Context& context, const std::string& app,
                                         const std::string& path) {
    struct stat found {};
    if (::stat((path + "/hooks").c_str(), &found) < 0) TRY(run_git_init(path));
    char resolved[PATH_MAX];
    if (::realpath(path.c_str(), resolved) == nullptr) return system_error("find " + path);
    const std::string whole(resolved);
    const std::string hook = whole + "/hooks/pre-receive";
    const std::string text =
        push_hook(context.program_directory + "/reeve", context.paths.root, app);
    const os::UniqueFd file =
        TRY(os::open_file(hook, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, kHookMode));
    if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        return system_error("write " + hook);
    }
    ::fchmod(file.get(), kHookMode);
    return whole;
}

SpooledFile::~SpooledFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
}

Result<SpooledFile> spool_stdin() {
    const char* directory = ::getenv("TMPDIR");
    std::string path = std::string(directory == nullptr ? "/tmp" : directory) + "/reeve-XXXXXX";
    const os::UniqueFd file(::mkstemp(path.data()));
    if (!file) return system_error("make " + path);
    SpooledFile spooled(path);
    // The app's user reads it; what root pushes belongs to the user of root's apps.
    const os::User reader = TRY(os::default_app_user());
    if (::geteuid() == 0 && ::fchown(file.get(), reader.uid, reader.gid) != 0) {
        return system_error("give " + path + " to " + reader.name);
    }
    std::size_t total = 0;
    char piece[65536];
    for (;;) {
        const ssize_t got = ::read(STDIN_FILENO, piece, sizeof piece);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error("read stdin");
        if (got == 0) break;
        total += static_cast<std::size_t>(got);
        if (total > kSpoolBytesMax) return Error{"what was pushed is too large"};
        if (::write(file.get(), piece, static_cast<std::size_t>(got)) != got) {
            return system_error("write " + path);
        }
    }
    if (total == 0) return Error{"nothing came on stdin"};
    return spooled;
}

}  // namespace reeve::cli
