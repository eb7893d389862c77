#include "cli/upstart_files.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "base/text.h"
#include "formats/diagnostic.h"
#include "os/fd.h"

namespace reeve::cli {
namespace {

using formats::upstart::ConfDirectory;

constexpr std::size_t kFilesMax = 20'000;
constexpr int kDepthMax = 16;

bool is_directory(const std::string& path) {
    struct stat found {};
    return ::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

std::string environment_value(const char* name) {
    const char* value = ::getenv(name);
    return value == nullptr ? "" : value;
}

// Beside the programs of a build, or below the prefix of an installation.
std::string command_directory(const Context& context) {
    for (const char* place : {"/../compat", "/../lib/reeve/compat"}) {
        char resolved[PATH_MAX];
        const std::string path = context.program_directory + place;
        if (::realpath(path.c_str(), resolved) != nullptr) return resolved;
    }
    return "";
}

Result<void> read_below(const std::string& below, int depth, ConfDirectory& directory) {
    const std::string path = directory.path + (below.empty() ? "" : '/' + below);
    const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(path.c_str()), &::closedir);
    if (!open) return system_error("read the directory " + path);
    while (const dirent* entry = ::readdir(open.get())) {
        const std::string name = entry->d_name;
        if (name == "." || name == "..") continue;
        const std::string file = below.empty() ? name : below + '/' + name;
        const std::string whole = directory.path + '/' + file;
        if (is_directory(whole)) {
            const bool skipped = formats::upstart::is_skipped_directory(name);
            if (!skipped && depth < kDepthMax) TRY(read_below(file, depth + 1, directory));
            continue;
        }
        if (!formats::upstart::is_conf_name(name)) continue;
        if (directory.files.size() >= kFilesMax)
            return Error{directory.path + ": more than 20,000 files of jobs"};
        directory.files.push_back({file, TRY(os::read_file(whole, formats::kConfigBytesMax + 1))});
    }
    return {};
}

// A job alone: its directory as if nothing else were in it.
Result<ConfDirectory> read_one(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string name = path.substr(slash == std::string::npos ? 0 : slash + 1);
    ConfDirectory directory;
    directory.path = slash == std::string::npos ? "." : path.substr(0, slash);
    directory.files.push_back({name, TRY(os::read_file(path, formats::kConfigBytesMax + 1))});
    const std::string stem = name.substr(0, name.rfind('.'));
    const auto more =
        os::read_file(directory.path + '/' + stem + ".override", formats::kConfigBytesMax + 1);
    if (more && !name.ends_with(".override"))
        directory.files.push_back({stem + ".override", *more});
    return directory;
}

std::vector<std::string> user_directories() {
    std::vector<std::string> directories;
    const std::string home = environment_value("HOME");
    std::string config = environment_value("XDG_CONFIG_HOME");
    if (config.empty()) config = home + "/.config";
    directories.push_back(config + "/upstart");
    directories.push_back(home + "/.init");
    std::string shared = environment_value("XDG_CONFIG_DIRS");
    if (shared.empty()) shared = "/etc/xdg";
    for (const std::string_view each : split(shared, ':'))
        directories.push_back(std::string(each) + "/upstart");
    if (::getenv("UPSTART_NO_SYSTEM_USERCONFDIR") == nullptr)
        directories.push_back("/usr/share/upstart/sessions");
    return directories;
}

}  // namespace

std::vector<std::string> upstart_directories(const Context& context) {
    std::vector<std::string> directories;
    const std::string named = environment_value("UPSTART_CONFDIR");
    if (!named.empty())
        directories = {named};
    else if (context.paths.user_mode && context.paths.root.empty())
        directories = user_directories();
    else
        directories = {context.paths.root + "/etc/init"};
    std::erase_if(directories, [](const std::string& path) { return !is_directory(path); });
    return directories;
}

Result<ConfDirectory> read_conf_directory(const std::string& path) {
    ConfDirectory directory;
    directory.path = path;
    while (directory.path.size() > 1 && directory.path.ends_with('/'))
        directory.path.pop_back();
    TRY(read_below("", 0, directory));
    std::sort(directory.files.begin(), directory.files.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    return directory;
}

formats::upstart::Surroundings upstart_surroundings(const Context& context) {
    formats::upstart::Surroundings surroundings;
    surroundings.user_mode = context.paths.user_mode;
    surroundings.command_directory = command_directory(context);
    for (char** variable = ::environ; *variable != nullptr; ++variable) {
        const std::string_view text = *variable;
        const std::size_t sign = text.find('=');
        if (sign == std::string_view::npos || sign == 0) continue;
        surroundings.environment.emplace(text.substr(0, sign), text.substr(sign + 1));
    }
    if (!context.paths.root.empty()) {
        surroundings.log_directory = context.paths.root + "/var/log/upstart";
    } else if (context.paths.user_mode) {
        const std::string home = environment_value("HOME");
        const std::string cache = environment_value("XDG_CACHE_HOME");
        surroundings.log_directory = (cache.empty() ? home + "/.cache" : cache) + "/upstart";
        if (!home.empty()) surroundings.working_directory = home;
    }
    return surroundings;
}

Result<formats::upstart::AppTexts> read_upstart_texts(const Context& context,
                                                      const std::vector<std::string>& paths) {
    formats::upstart::AppTexts texts;
    texts.surroundings = upstart_surroundings(context);
    for (const std::string& path : paths) {
        ConfDirectory directory =
            is_directory(path) ? TRY(read_conf_directory(path)) : TRY(read_one(path));
        texts.directories.push_back(std::move(directory));
    }
    return texts;
}

}  // namespace reeve::cli
