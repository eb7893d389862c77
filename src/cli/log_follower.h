#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "os/fd.h"

namespace reeve::cli {

/// Follows log files as they grow, are set aside and begun anew. Files and directories need not
/// exist yet. Nothing is asked for while nothing changes: inotify tells.
class LogFollower {
public:
    static Result<LogFollower> create();

    /// Follows the file at `path` from `offset` on. Its lines are told with `source`.
    void add(const std::string& path, std::size_t source, std::uint64_t offset);

    /// To poll for reading: then call `read`.
    int fd() const { return inotify_.get(); }

    /// Told about each whole line, without its end.
    using OnLine = std::function<void(std::size_t source, std::string_view line)>;

    /// Reads what is new in the files that have changed or were added, without waiting. Call it
    /// after `add`, too: what was written before that changes nothing any more.
    void read(const OnLine& on_line);

    /// Reads what is new in every file; unfinished last lines are told too.
    void finish(const OnLine& on_line);

private:
    struct File {
        std::string path;
        std::size_t source = 0;
        std::uint64_t offset = 0;
        os::UniqueFd fd;
        std::uint64_t inode = 0;
        std::string unfinished;
    };

    explicit LogFollower(os::UniqueFd inotify) : inotify_(std::move(inotify)) {}
    bool watch(const std::string& directory);
    void watch_all();
    void watch_nearest(const std::string& wanted);
    void open(File& file);
    void read_file(File& file, const OnLine& on_line);
    void read_to_end(File& file, const OnLine& on_line);
    void tell_lines(File& file, const OnLine& on_line);

    os::UniqueFd inotify_;
    std::vector<File> files_;
    std::size_t files_read_ = 0;                  // the first so many of them have been read once
    std::map<std::string, int> watches_;          // directory -> watch
    std::map<std::string, std::size_t> by_path_;  // into files_
    std::map<int, std::string> watched_;          // watch -> directory
};

}  // namespace reeve::cli
