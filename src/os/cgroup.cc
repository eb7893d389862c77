#include "os/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string_view>

#include "base/text.h"

namespace reeve::os {
namespace {

constexpr std::size_t kMembersBytesMax = 16 * 1024 * 1024;

/// The directories directly below `path`, which is below the directory `above`.
std::vector<std::string> subdirectories(int above, const std::string& path) {
    std::vector<std::string> found;
    Result<UniqueFd> opened = open_file_at(above, path, O_RDONLY | O_DIRECTORY);
    if (!opened) return found;
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::fdopendir(opened->get()), ::closedir);
    if (!directory) return found;
    (void)opened->release();
    while (const dirent* entry = ::readdir(directory.get())) {
        const std::string name = entry->d_name;
        if (entry->d_type == DT_DIR && name != "." && name != "..")
            found.push_back(path + "/" + name);
    }
    return found;
}

void add_members(int above, const std::string& path, std::vector<pid_t>& members) {
    const Result<std::string> listed =
        read_file_at(above, path + "/cgroup.procs", kMembersBytesMax);
    if (listed) {
        for (const std::string_view word : words(*listed)) {
            const Result<std::int64_t> pid = parse_integer(word);
            if (pid && *pid > 0) members.push_back(static_cast<pid_t>(*pid));
        }
    }
    if (!has_subgroups(above, path)) return;
    for (const std::string& below : subdirectories(above, path))
        add_members(above, below, members);
}

}  // namespace

bool has_subgroups(int directory, const std::string& path) {
    struct stat info {};
    // A directory without any has two links: its name and its own dot.
    return ::fstatat(directory, path.c_str(), &info, 0) != 0 || info.st_nlink != 2;
}

std::vector<pid_t> cgroup_members(int directory, const std::string& path) {
    std::vector<pid_t> members;
    add_members(directory, path, members);
    return members;
}

std::string cgroup_path_of(pid_t pid, const std::string& controllers) {
    const std::string who = pid == 0 ? "self" : std::to_string(pid);
    const Result<std::string> listed = read_file("/proc/" + who + "/cgroup", 64 * 1024);
    if (!listed) return {};
    for (const std::string_view line : split(*listed, '\n')) {
        const std::size_t first = line.find(':');
        if (first == std::string_view::npos) continue;
        const std::size_t second = line.find(':', first + 1);
        if (second == std::string_view::npos) continue;
        if (line.substr(first + 1, second - first - 1) != controllers) continue;
        std::string path(line.substr(second + 1));
        // The kernel marks a zombie whose cgroup was removed meanwhile.
        constexpr std::string_view kDeleted = " (deleted)";
        if (path.ends_with(kDeleted)) path.resize(path.size() - kDeleted.size());
        return path;
    }
    return {};
}

bool cgroup_has(const std::string& path_in_hierarchy, const std::string& controllers, pid_t pid) {
    const std::string path = cgroup_path_of(pid, controllers);
    return path == path_in_hierarchy || path.starts_with(path_in_hierarchy + "/");
}

void remove_cgroup(const std::string& path) {
    if (::rmdir(path.c_str()) == 0 || errno == ENOENT) return;
    for (const std::string& below : subdirectories(AT_FDCWD, path))
        remove_cgroup(below);
    ::rmdir(path.c_str());
}

}  // namespace reeve::os
