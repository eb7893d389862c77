#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace reeve::os {

void UniqueFd::reset(int fd) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
}

namespace {

constexpr std::size_t kMebibyte = 1024 * 1024;

std::string size_text(std::size_t bytes) {
    return bytes < kMebibyte ? std::to_string(bytes) + " bytes"
                             : std::to_string(bytes / kMebibyte) + " MiB";
}

/// The directory of this process's own descriptors, looked up once.
int own_files() {
    static const UniqueFd directory(::open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC));
    return directory.get();
}

}  // namespace

Result<UniqueFd> open_file(const std::string& path, int flags, unsigned mode) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    if (fd < 0) return system_error("open " + path);
    return UniqueFd(fd);
}

Result<UniqueFd> open_file_at(int directory, const std::string& path, int flags) {
    const int fd = ::openat(directory, path.c_str(), flags | O_CLOEXEC);
    if (fd < 0) return system_error("open " + path);
    return UniqueFd(fd);
}

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
    return read_file_at(AT_FDCWD, path, bytes_max);
}

Result<std::string> read_file_at(int directory, const std::string& path, std::size_t bytes_max) {
    const UniqueFd file = TRY(open_file_at(directory, path, O_RDONLY));
    std::string content;
    char chunk[4096];
    for (;;) {
        const ssize_t got = ::read(file.get(), chunk, sizeof chunk);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error("read " + path);
        if (got == 0) return content;
        content.append(chunk, static_cast<std::size_t>(got));
        if (content.size() > bytes_max) {
            return Error{"read " + path + ": longer than " + size_text(bytes_max), EFBIG};
        }
    }
}

Result<std::string> read_kernel_record(int directory, const std::string& path) {
    const UniqueFd file = TRY(open_file_at(directory, path, O_RDONLY));
    char record[4096];
    ssize_t got = 0;
    do {
        got = ::read(file.get(), record, sizeof record);
    } while (got < 0 && errno == EINTR);
    if (got < 0) return system_error("read " + path);
    return std::string(record, static_cast<std::size_t>(got));
}

Result<void> write_file(const std::string& path, std::string_view content) {
    const UniqueFd file = TRY(open_file(path, O_WRONLY | O_CREAT | O_TRUNC));
    if (::write(file.get(), content.data(), content.size()) !=
        static_cast<ssize_t>(content.size())) {
        return system_error("write " + path);
    }
    return {};
}

Result<void> make_directories(const std::string& path, unsigned mode) {
    for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
        const std::string part = path.substr(0, end);
        if (::mkdir(part.c_str(), mode) != 0 && errno != EEXIST)
            return system_error("mkdir " + part);
        if (end == std::string::npos) return {};
    }
}

Result<UniqueFd> duplicate(int fd) {
    const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (copy < 0) return system_error("duplicate a descriptor");
    return UniqueFd(copy);
}

Result<void> set_close_on_exec(int fd, bool close_on_exec) {
    if (::fcntl(fd, F_SETFD, close_on_exec ? FD_CLOEXEC : 0) != 0) {
        return system_error("mark a descriptor");
    }
    return {};
}

Result<UniqueFd> make_memory_file(const std::string& name) {
    const int fd = ::memfd_create(name.c_str(), MFD_CLOEXEC);
    if (fd < 0) return system_error("memfd_create " + name);
    return UniqueFd(fd);
}

Result<UniqueFd> make_bounded_memory_file(const std::string& name, std::size_t bytes_max) {
    UniqueFd file(::memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file) return system_error("make a memory file");
    const bool bounded = ::ftruncate(file.get(), static_cast<off_t>(bytes_max)) == 0 &&
                         ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) == 0;
    if (!bounded) return system_error("bound a memory file");
    return file;
}

std::string tail_of(int fd, std::size_t bytes_max) {
    const off_t written = ::lseek(fd, 0, SEEK_CUR);
    if (written <= 0) return {};
    const off_t begin = std::max<off_t>(written - static_cast<off_t>(bytes_max), 0);
    std::string text(static_cast<std::size_t>(written - begin), '\0');
    const ssize_t read = ::pread(fd, text.data(), text.size(), begin);
    text.resize(read > 0 ? static_cast<std::size_t>(read) : 0);
    return text;
}

Result<UniqueFd> make_log_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return system_error("create a log pipe");
    const UniqueFd read_end(ends[0]);
    const UniqueFd write_end(ends[1]);
    return open_file_at(own_files(), std::to_string(ends[0]), O_RDWR | O_NONBLOCK);
}

Result<UniqueFd> open_writing_end(int log_pipe) {
    // For reading too: with no reader left, in the moments without reeve, a program that writes
    // would get SIGPIPE.
    return open_file_at(own_files(), std::to_string(log_pipe), O_RDWR);
}

std::size_t raise_open_files_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<std::size_t>(limit.rlim_cur);
}

}  // namespace reeve::os
