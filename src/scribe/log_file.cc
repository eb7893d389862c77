#include "scribe/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace reeve::scribe {
namespace {

constexpr unsigned kFileMode = 0640;
constexpr mode_t kDirectoryMode = 0750;

std::string set_aside_path(const std::string& path, std::uint32_t number) {
    return path + "." + std::to_string(number);
}

/// `to` is removed first: in place of another file, ext4 would write `from` to the disk at once,
/// to keep its bytes over a crash of the machine, and the writer would wait for it.
Result<void> move_aside(const std::string& from, const std::string& to) {
    struct stat info {};
    if (::lstat(from.c_str(), &info) != 0 && errno == ENOENT) return {};
    if (::unlink(to.c_str()) != 0 && errno != ENOENT) return system_error("unlink " + to);
    if (::rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT) {
        return system_error("rename " + from + " to " + to);
    }
    return {};
}

}  // namespace

void LogFile::change_settings(link::LogSettings settings) {
    if (settings.path != settings_.path) file_.reset();
    settings_ = std::move(settings);
}

Result<void> LogFile::make_directory() const {
    const std::string& path = settings_.path;
    for (std::size_t end = path.find('/', 1); end != std::string::npos;
         end = path.find('/', end + 1)) {
        const std::string part = path.substr(0, end);
        if (::mkdir(part.c_str(), kDirectoryMode) != 0) {
            if (errno == EEXIST) continue;
            return system_error("mkdir " + part);
        }
        const Result<os::UniqueFd> made = os::open_file(part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
        if (made) give_to_owner(made->get());
    }
    return {};
}

void LogFile::give_to_owner(int fd) const {
    if (settings_.owner_uid < 0 && settings_.owner_gid < 0) return;
    const auto uid =
        settings_.owner_uid < 0 ? static_cast<uid_t>(-1) : static_cast<uid_t>(settings_.owner_uid);
    const auto gid =
        settings_.owner_gid < 0 ? static_cast<gid_t>(-1) : static_cast<gid_t>(settings_.owner_gid);
    if (::fchown(fd, uid, gid) != 0) {
        log::warning("path=" + settings_.path + " reason=\"chown: " + ::strerror(errno) + "\"");
    }
}

Result<void> LogFile::open() {
    if (file_) return {};
    // O_NONBLOCK keeps a FIFO in the file's place from blocking everybody's logs.
    constexpr int kFlags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    Result<os::UniqueFd> opened = os::open_file(settings_.path, kFlags);
    if (!opened && opened.error().code == ENOENT) {
        TRY(make_directory());
        opened = os::open_file(settings_.path, kFlags | O_CREAT, kFileMode);
        if (opened) give_to_owner(opened->get());
    }
    if (!opened) return opened.error();
    struct stat info {};
    if (::fstat(opened->get(), &info) != 0) return system_error("stat " + settings_.path);
    if (!S_ISREG(info.st_mode)) return Error{"open " + settings_.path + ": not a regular file"};
    file_ = std::move(*opened);
    inode_ = info.st_ino;
    size_ = static_cast<std::uint64_t>(info.st_size);
    rotation_failed_at_ = 0;
    char last = '\n';
    if (info.st_size > 0 && ::pread(file_.get(), &last, 1, info.st_size - 1) != 1) last = '\n';
    ends_mid_line_ = last != '\n';
    return {};
}

bool LogFile::was_moved() const {
    struct stat info {};
    if (::lstat(settings_.path.c_str(), &info) != 0) return errno == ENOENT;
    return info.st_ino != inode_;
}

LogFile::Written LogFile::append(std::string_view bytes, WallTime now) {
    const bool check_is_due =
        now.nanoseconds - path_checked_ >= kPathCheckNanoseconds || now.nanoseconds < path_checked_;
    if (file_ && check_is_due) {
        path_checked_ = now.nanoseconds;
        if (was_moved()) file_.reset();
    }
    const Result<void> opened = open();
    if (!opened) return {0, opened.error().message};

    Written done;
    const std::uint64_t limit = settings_.rotate_bytes + rotation_failed_at_;
    if (settings_.rotate_bytes != 0 && size_ != 0 && size_ + bytes.size() > limit) {
        std::size_t line_end = 0;
        if (ends_mid_line_) line_end = bytes.find('\n') + 1;  // npos + 1: there is no end yet
        if (ends_mid_line_ && line_end == 0) return write(bytes);
        done = write(bytes.substr(0, line_end));
        if (!done.error.empty()) return done;
        const Result<void> rotated = rotate();
        if (!rotated) {
            log::warning("path=" + settings_.path + " reason=\"" + rotated.error().message + "\"");
            rotation_failed_at_ = size_;
        }
        const Result<void> reopened = open();
        if (!reopened) return {done.bytes, reopened.error().message};
    }
    Written rest = write(bytes.substr(done.bytes));
    rest.bytes += done.bytes;
    return rest;
}

LogFile::Written LogFile::write(std::string_view bytes) {
    Written done;
    while (done.bytes < bytes.size()) {
        const ssize_t wrote =
            ::write(file_.get(), bytes.data() + done.bytes, bytes.size() - done.bytes);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) {
            done.error = ::strerror(wrote == 0 ? ENOSPC : errno);
            break;
        }
        done.bytes += static_cast<std::size_t>(wrote);
    }
    size_ += done.bytes;
    if (done.bytes > 0) ends_mid_line_ = bytes[done.bytes - 1] != '\n';
    return done;
}

Result<void> LogFile::rotate() {
    const std::string& path = settings_.path;
    const std::uint32_t kept = std::clamp(settings_.files_kept, 1U, kFilesKeptMax);
    for (std::uint32_t number = kept - 1; number > 1; --number) {
        TRY(move_aside(set_aside_path(path, number - 1), set_aside_path(path, number)));
    }
    if (kept == 1) {
        if (::unlink(path.c_str()) != 0 && errno != ENOENT) return system_error("unlink " + path);
    } else {
        TRY(move_aside(path, set_aside_path(path, 1)));
    }
    file_.reset();
    return {};
}

}  // namespace reeve::scribe
