#include "os/foreign_pipes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/text.h"

namespace reeve::os {
namespace {

/// `pipe:[4711]`, as the kernel names an open pipe.
std::optional<std::uint64_t> inode_of_pipe(std::string_view target) {
    constexpr std::string_view kBegin = "pipe:[";
    if (!target.starts_with(kBegin) || !target.ends_with(']')) return std::nullopt;
    target.remove_prefix(kBegin.size());
    target.remove_suffix(1);
    const auto number = parse_integer(target);
    if (!number || *number < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*number);
}

}  // namespace

std::map<std::uint64_t, UniqueFd> open_pipes_of(
    pid_t pid, const std::function<bool(std::uint64_t inode)>& wanted) {
    std::map<std::uint64_t, UniqueFd> found;
    const std::string path = "/proc/" + std::to_string(pid) + "/fd";
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
    if (directory == nullptr) return found;
    const int files = ::dirfd(directory.get());
    while (const dirent* entry = ::readdir(directory.get())) {
        char target[64];
        const ssize_t size = ::readlinkat(files, entry->d_name, target, sizeof target);
        if (size <= 0) continue;
        const auto inode = inode_of_pipe({target, static_cast<std::size_t>(size)});
        if (!inode || found.contains(*inode) || !wanted(*inode)) continue;
        Result<UniqueFd> pipe = open_file_at(files, entry->d_name, O_RDWR | O_NONBLOCK);
        if (pipe)
            found[*inode] = std::move(*pipe);
        else if (pipe.error().code != ENOENT)  // it was closed meanwhile
            log::error("reason=\"take over a pipe: " + pipe.error().message + "\"");
    }
    return found;
}

}  // namespace reeve::os
