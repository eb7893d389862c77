#include "cli/log_follower.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>

namespace reeve::cli {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} * 1024;
constexpr std::size_t kLineBytesMax = std::size_t{256} * 1024;
constexpr std::uint32_t kWatchedFor =
    IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

}  // namespace

Result<LogFollower> LogFollower::create() {
    os::UniqueFd inotify(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!inotify) return system_error("begin to watch files");
    return LogFollower(std::move(inotify));
}

bool LogFollower::watch(const std::string& directory) {
    if (watches_.count(directory) != 0) return true;
    const int watch =
        ::inotify_add_watch(inotify_.get(), directory.c_str(), kWatchedFor | IN_ONLYDIR);
    if (watch < 0) return false;
    watches_[directory] = watch;
    watched_[watch] = directory;
    return true;
}

void LogFollower::watch_all() {
    for (const File& file : files_)
        watch_nearest(parent_of(file.path));
}

/// Where a directory is still missing, the nearest one that is there tells of its birth.
void LogFollower::watch_nearest(const std::string& wanted) {
    for (;;) {
        std::string nearest = wanted, missing;
        while (nearest != "/" && !watch(nearest))
            missing = std::exchange(nearest, parent_of(nearest));
        // What was born between the two looks nobody tells of.
        if (missing.empty() || !watch(missing)) return;
    }
}

void LogFollower::add(const std::string& path, std::size_t source, std::uint64_t offset) {
    if (by_path_.count(path) != 0) return;
    by_path_[path] = files_.size();
    files_.push_back({path, source, offset, os::UniqueFd(), 0, {}});
    watch_all();
}

void LogFollower::open(File& file) {
    auto opened = os::open_file(file.path, O_RDONLY | O_NONBLOCK, 0);
    if (!opened) return;
    struct stat found {};
    if (::fstat(opened->get(), &found) < 0 || !S_ISREG(found.st_mode)) return;
    file.fd = std::move(opened).value();
    file.inode = found.st_ino;
}

void LogFollower::tell_lines(File& file, const OnLine& on_line) {
    std::size_t begin = 0;
    for (std::size_t end = file.unfinished.find('\n'); end != std::string::npos;
         end = file.unfinished.find('\n', begin)) {
        on_line(file.source, std::string_view(file.unfinished).substr(begin, end - begin));
        begin = end + 1;
    }
    file.unfinished.erase(0, begin);
    if (file.unfinished.size() < kLineBytesMax) return;
    on_line(file.source, file.unfinished);
    file.unfinished.clear();
}

void LogFollower::read_to_end(File& file, const OnLine& on_line) {
    for (;;) {
        const std::size_t before = file.unfinished.size();
        file.unfinished.resize(before + kReadBytes);
        const ssize_t got = ::pread(file.fd.get(), file.unfinished.data() + before, kReadBytes,
                                    static_cast<off_t>(file.offset));
        file.unfinished.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got <= 0) return;
        file.offset += static_cast<std::uint64_t>(got);
        tell_lines(file, on_line);
    }
}

void LogFollower::read_file(File& file, const OnLine& on_line) {
    if (!file.fd) open(file);
    if (!file.fd) return;
    struct stat now {};
    if (::fstat(file.fd.get(), &now) == 0 &&
        static_cast<std::uint64_t>(now.st_size) < file.offset) {
        file.offset = 0;  // emptied in place
    }
    struct stat at_path {};
    const bool replaced = ::stat(file.path.c_str(), &at_path) == 0 && at_path.st_ino != file.inode;
    // Looked at first, read then: what was written before it was set aside is not missed.
    read_to_end(file, on_line);
    if (!replaced) return;
    if (!file.unfinished.empty()) on_line(file.source, std::exchange(file.unfinished, {}));
    file.fd.reset();
    file.offset = 0;
    open(file);
    if (file.fd) read_to_end(file, on_line);
}

void LogFollower::read(const OnLine& on_line) {
    std::set<std::size_t> changed;
    for (; files_read_ < files_.size(); ++files_read_)
        changed.insert(files_read_);
    bool directories_changed = false;
    alignas(inotify_event) char buffer[16 * 1024];
    for (;;) {
        const ssize_t got = ::read(inotify_.get(), buffer, sizeof buffer);
        if (got <= 0) break;
        for (const char* at = buffer; at < buffer + got;) {
            const auto* event = reinterpret_cast<const inotify_event*>(at);
            at += sizeof(inotify_event) + event->len;
            const auto directory = watched_.find(event->wd);
            if (directory == watched_.end() || event->len == 0) {
                directories_changed = true;  // a directory itself is gone, or events were lost
                if ((event->mask & IN_IGNORED) != 0 && directory != watched_.end()) {
                    watches_.erase(directory->second);
                    watched_.erase(directory);
                }
                continue;
            }
            const auto file = by_path_.find(directory->second + "/" + event->name);
            if (file != by_path_.end()) changed.insert(file->second);
            if ((event->mask & IN_ISDIR) != 0) directories_changed = true;
        }
    }
    if (directories_changed) {
        watch_all();
        for (File& file : files_)
            read_file(file, on_line);
        return;
    }
    for (const std::size_t index : changed)
        read_file(files_[index], on_line);
}

void LogFollower::finish(const OnLine& on_line) {
    for (File& file : files_) {
        read_file(file, on_line);
        if (!file.unfinished.empty()) on_line(file.source, std::exchange(file.unfinished, {}));
    }
}

}  // namespace reeve::cli
