#include "os/pid_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.h"
#include "os/clock.h"
#include "os/fd.h"

namespace reeve::os {
namespace {

constexpr std::size_t kPidFileBytesMax = 64;
constexpr pid_t kPidMax = 4 * 1024 * 1024;  // PID_MAX_LIMIT

/// The rights of another user over files, for as long as it lives. Without root's rights, it
/// changes nothing.
class FileRights {
public:
    explicit FileRights(const FileOwner& owner) {
        ::setfsgid(owner.gid);
        ::setfsuid(owner.uid);
    }
    ~FileRights() {
        ::setfsuid(::geteuid());
        ::setfsgid(::getegid());
    }
    FileRights(const FileRights&) = delete;
    FileRights& operator=(const FileRights&) = delete;
};

Duration since(const timespec& time) {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return std::chrono::seconds(now.tv_sec - time.tv_sec) +
           std::chrono::nanoseconds(now.tv_nsec - time.tv_nsec);
}

Result<UniqueFd> open_for_writing(const std::string& path) {
    return open_file(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK, 0644);
}

/// Nobody but root can put a link or another file in this place.
bool only_root_changes(const std::string& directory) {
    struct stat info {};
    return ::stat(directory.c_str(), &info) == 0 && info.st_uid == 0 && (info.st_mode & 022) == 0;
}

Result<UniqueFd> create(const std::string& path, const FileOwner& owner) {
    const std::string directory = path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
    TRY(make_directories(directory, 0755));
    {
        const FileRights rights(owner);
        Result<UniqueFd> file = open_for_writing(path);
        const bool forbidden = !file && (file.error().code == EACCES || file.error().code == EPERM);
        if (file || !forbidden) return file;
    }
    if (!only_root_changes(directory)) {
        errno = EACCES;
        return system_error("open " + path);
    }
    UniqueFd file = TRY(open_for_writing(path));
    if (::fchown(file.get(), owner.uid, owner.gid) != 0) return system_error("chown " + path);
    return file;
}

}  // namespace

std::optional<pid_t> parse_pid(std::string_view text) {
    const Result<std::int64_t> number = parse_integer(trim(text));
    if (!number || *number <= 1 || *number > kPidMax) return std::nullopt;
    return static_cast<pid_t>(*number);
}

std::optional<PidFile> read_pid_file(const std::string& path) {
    const Result<UniqueFd> file = open_file(path, O_RDONLY | O_NONBLOCK);
    struct stat info {};
    if (!file || ::fstat(file->get(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
    char text[kPidFileBytesMax + 1];
    const ssize_t got = ::read(file->get(), text, sizeof text);
    if (got <= 0 || static_cast<std::size_t>(got) > kPidFileBytesMax) return std::nullopt;
    const std::optional<pid_t> pid =
        parse_pid(std::string_view(text, static_cast<std::size_t>(got)));
    if (!pid) return std::nullopt;
    return PidFile{*pid, since(info.st_mtim), info.st_uid};
}

Result<void> write_pid_file(const std::string& path, pid_t pid, const FileOwner& owner) {
    const UniqueFd file = TRY(create(path, owner));
    const std::string text = std::to_string(pid);
    if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        return system_error("write " + path);
    }
    return {};
}

Result<void> prepare_pid_file(const std::string& path, const FileOwner& owner) {
    TRY(create(path, owner));
    ::unlink(path.c_str());
    return {};
}

void remove_pid_file(const std::string& path, pid_t pid) {
    const std::optional<PidFile> file = read_pid_file(path);
    if (file && file->pid == pid) ::unlink(path.c_str());
}

Duration age_of_process(std::uint64_t start_ticks) {
    const auto ticks_per_second = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
    return steady_now().time_since_epoch() -
           std::chrono::nanoseconds(start_ticks * (1'000'000'000 / ticks_per_second));
}

}  // namespace reeve::os
