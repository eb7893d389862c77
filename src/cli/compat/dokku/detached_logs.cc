#include "cli/compat/dokku/detached_logs.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <system_error>
#include <utility>
#include <vector>

#include "base/text.h"

namespace reeve::cli::compat::dokku {
namespace {

namespace fs = std::filesystem;

using Written = std::pair<fs::file_time_type, fs::path>;

/// When something was last written in the directory.
fs::file_time_type last_write(const fs::path& directory) {
    std::error_code error;
    fs::file_time_type latest = fs::file_time_type::min();
    for (fs::directory_iterator at(directory, error), end; !error && at != end;
         at.increment(error)) {
        std::error_code none;
        const fs::file_time_type time = fs::last_write_time(at->path(), none);
        if (!none) latest = std::max(latest, time);
    }
    return latest;
}

}  // namespace

void remove_old_logs(const std::string& log_dir, const std::string& prefix,
                     const std::set<std::string>& running) {
    std::set<std::string> kept;
    for (const std::string& name : running)
        kept.insert(escape_name(name));
    const std::string begin = escape_name(prefix);
    std::vector<Written> ended;
    std::error_code error;
    for (fs::directory_iterator at(log_dir, error), end; !error && at != end; at.increment(error)) {
        const std::string name = at->path().filename();
        if (name.starts_with(begin) && !kept.contains(name))
            ended.emplace_back(last_write(at->path()), at->path());
    }
    std::sort(ended.begin(), ended.end(), std::greater<>());
    for (std::size_t i = kEndedLogsMax; i < ended.size(); ++i)
        fs::remove_all(ended[i].second, error);
}

}  // namespace reeve::cli::compat::dokku
