#include "daemon/app_source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "formats/diagnostic.h"
#include "os/fd.h"
#include "os/users.h"

namespace reeve::daemon {
namespace {

/// Opens below a directory, through no link and not out of it.
int open_beneath(int directory, const std::string& path) {
    open_how how{};
    how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    return static_cast<int>(::syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how));
}

}  // namespace

Result<std::optional<std::string>> read_source_file(const std::string& directory,
                                                    const std::string& relative_path) {
    const std::string shown = directory + "/" + relative_path;
    const os::UniqueFd base = TRY(os::open_file(directory, O_PATH | O_DIRECTORY));
    const os::UniqueFd file(open_beneath(base.get(), relative_path));
    if (!file && (errno == ENOENT || errno == ENOTDIR)) return std::optional<std::string>();
    if (!file) return system_error("read " + shown);
    struct stat found {};
    if (::fstat(file.get(), &found) < 0) return system_error("look at " + shown);
    if (!S_ISREG(found.st_mode)) return Error{"read " + shown + ": not a regular file"};
    std::string text;
    char piece[16384];
    for (;;) {
        const ssize_t got = ::read(file.get(), piece, sizeof piece);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error("read " + shown);
        if (got == 0) return std::optional<std::string>(std::move(text));
        text.append(piece, static_cast<std::size_t>(got));
        if (text.size() > formats::kConfigBytesMax) return Error{shown + ": is too long"};
    }
}

Result<uid_t> owner_of(const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) < 0) return system_error("look at " + path);
    return found.st_uid;
}

std::string name_of_user(uid_t uid) {
    const Result<os::User> user = os::find_user(std::to_string(uid));
    return user ? user->name : std::to_string(uid);
}

Result<void> make_own_directory(const std::string& path, uid_t uid, gid_t gid, mode_t mode) {
    if (::mkdir(path.c_str(), mode) < 0 && errno != EEXIST) {
        return system_error("make the directory " + path);
    }
    const os::UniqueFd directory = TRY(os::open_file(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    struct stat found {};
    if (::fstat(directory.get(), &found) < 0) return system_error("look at " + path);
    // The umask does not say who may pass through here.
    if (found.st_uid == ::geteuid() && ::fchmod(directory.get(), mode) < 0) {
        return system_error("set the mode of " + path);
    }
    if (found.st_uid == uid) return {};
    if (found.st_uid != ::geteuid()) {
        return Error{path + " belongs to " + name_of_user(found.st_uid) + ", not to " +
                     name_of_user(uid)};
    }
    if (::fchown(directory.get(), uid, gid) < 0) return system_error("give " + path + " away");
    return {};
}

}  // namespace reeve::daemon
