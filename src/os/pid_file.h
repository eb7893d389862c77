#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace reeve::os {

/// What stands in a pid file.
struct PidFile {
    pid_t pid = 0;   // above 1
    Duration age{};  // since it was last written
    uid_t owner = 0;
};

/// The process number that the text of a pid file names: digits, with blanks around them. Garbage,
/// numbers below 2 and too large ones name nobody.
std::optional<pid_t> parse_pid(std::string_view text);

/// Reads a pid file; nullopt where it is missing, is not a regular file, or names nobody.
std::optional<PidFile> read_pid_file(const std::string& path);

/// Whose rights a file is written with.
struct FileOwner {
    uid_t uid = 0;
    gid_t gid = 0;
};

/// Writes the number, without a newline. Created as `owner`; where that user may not, as root in a
/// directory that only root can change, and given to `owner`. Missing directories are made.
Result<void> write_pid_file(const std::string& path, pid_t pid, const FileOwner& owner);

/// Makes sure that the file can be written, and leaves none behind.
Result<void> prepare_pid_file(const std::string& path, const FileOwner& owner);

/// Removes the file if it still names this process.
void remove_pid_file(const std::string& path, pid_t pid);

/// How long a process that was started at this time has lived.
Duration age_of_process(std::uint64_t start_ticks);

}  // namespace reeve::os
