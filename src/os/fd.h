#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace reeve::os {

/// Owns one file descriptor and closes it at its end of life. Move-only.
class UniqueFd {
public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) : fd_(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        if (this != &other) reset(std::exchange(other.fd_, -1));
        return *this;
    }
    UniqueFd(const UniqueFd&) = delete;
    UniqueFd& operator=(const UniqueFd&) = delete;
    ~UniqueFd() { reset(); }

    /// -1 when nothing is owned.
    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    /// Gives the descriptor away.
    int release() { return std::exchange(fd_, -1); }
    /// Closes what is owned, and owns `fd` from now on.
    void reset(int fd = -1);

private:
    int fd_ = -1;
};

/// open(2) with O_CLOEXEC added; the error names the path.
Result<UniqueFd> open_file(const std::string& path, int flags, unsigned mode = 0644);

/// open(2) below a directory descriptor, with O_CLOEXEC added.
Result<UniqueFd> open_file_at(int directory, const std::string& path, int flags);

/// The whole content of a small file (of /proc, of a cgroup); more than `bytes_max` is an error.
Result<std::string> read_file(const std::string& path, std::size_t bytes_max);
Result<std::string> read_file_at(int directory, const std::string& path, std::size_t bytes_max);

/// The content of a file that the kernel makes and hands out whole in one read, at most 4 KiB:
/// `/proc/PID/stat`, `cgroup.events`.
/// `path` is below `directory`: looking up a long path of cgroups costs more than the read.
Result<std::string> read_kernel_record(int directory, const std::string& path);

/// Writes a small file in place in one write(2).
Result<void> write_file(const std::string& path, std::string_view content);

/// Creates the directory and its parents, each with `mode`; existing ones are left as they are.
Result<void> make_directories(const std::string& path, unsigned mode);

/// A second descriptor of the same open file, close-on-exec.
Result<UniqueFd> duplicate(int fd);

/// Whether the descriptor survives an exec.
Result<void> set_close_on_exec(int fd, bool close_on_exec);

/// An anonymous file in memory, close-on-exec.
Result<UniqueFd> make_memory_file(const std::string& name);

/// A memory file that takes `bytes_max` and no more: who writes further fails with EPERM.
Result<UniqueFd> make_bounded_memory_file(const std::string& name, std::size_t bytes_max);

/// The latest bytes, at most `bytes_max`, that were written through this open file or a duplicate.
std::string tail_of(int fd, std::size_t bytes_max);

/// A pipe as one descriptor, open for reading and writing, non-blocking for its owner: it never
/// reports end of file or hang-up, and its writers never get SIGPIPE.
Result<UniqueFd> make_log_pipe();

/// An open end of a log pipe for a program that writes to it, and that waits while the pipe is
/// full: whether a write waits belongs to the open end, so the owner's cannot be shared.
Result<UniqueFd> open_writing_end(int log_pipe);

/// Raises the soft limit of open files to the hard one; returns the limit in force.
std::size_t raise_open_files_limit();

}  // namespace reeve::os
