#include "cli/log_directory.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "base/text.h"
#include "spec/service.h"

namespace reeve::cli {
namespace {

constexpr std::string_view kEnding = ".log";

/// `web.1` as a name; what has no number at its end is a named instance.
spec::InstanceName name_of(const std::string& app, const std::string& instance) {
    const std::size_t dot = instance.rfind('.');
    if (dot != std::string::npos) {
        const auto index = parse_integer(std::string_view(instance).substr(dot + 1));
        if (index && *index > 0 && *index <= spec::kInstancesMax) {
            return {app, instance.substr(0, dot), static_cast<std::uint32_t>(*index), ""};
        }
    }
    return {app, instance, 0, ""};
}

std::optional<LogOfInstance> log_of(const std::filesystem::path& path) {
    const std::string file = path.filename().string();
    if (!file.ends_with(kEnding)) return std::nullopt;
    const auto app = unescape_name(path.parent_path().filename().string());
    const auto instance =
        unescape_name(std::string_view(file).substr(0, file.size() - kEnding.size()));
    if (!app || !instance) return std::nullopt;
    return LogOfInstance{*app, *instance, path.string()};
}

}  // namespace

Result<std::vector<LogOfInstance>> find_logs(const std::string& log_dir,
                                             const std::vector<spec::Target>& targets) {
    std::vector<LogOfInstance> logs;
    std::error_code failure;
    std::filesystem::recursive_directory_iterator entry(log_dir, failure);
    if (failure) return system_error("read the directory " + log_dir, failure.value());
    for (const std::filesystem::recursive_directory_iterator end; entry != end;) {
        const auto log = entry.depth() == 1 ? log_of(entry->path()) : std::nullopt;
        const bool meant =
            log && (targets.empty() ||
                    std::any_of(targets.begin(), targets.end(), [&](const spec::Target& target) {
                        return spec::matches(target, name_of(log->app, log->instance));
                    }));
        if (meant) logs.push_back(*log);
        entry.increment(failure);
        if (failure) return system_error("read the directory " + log_dir, failure.value());
    }
    std::sort(logs.begin(), logs.end(),
              [](const LogOfInstance& a, const LogOfInstance& b) { return a.path < b.path; });
    return logs;
}

}  // namespace reeve::cli
