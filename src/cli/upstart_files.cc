#include "cli/upstart_files.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.h"
#include "formats/diagnostic.h"
#include "os/fd.h"
#include "os/file_tree.h"

namespace reeve::cli {
namespace {

using formats::upstart::ConfDirectory;

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
    std::erase_if(directories, [](const std::string& path) { return !os::is_directory(path); });
    return directories;
}

Result<ConfDirectory> read_conf_directory(const std::string& path) {
    ConfDirectory directory;
    directory.path = path;
    while (directory.path.size() > 1 && directory.path.ends_with('/'))
        directory.path.pop_back();
    const os::TreeRules rules{formats::upstart::is_conf_name,
                              formats::upstart::is_skipped_directory, formats::kConfigBytesMax + 1};
    os::Tree tree = TRY(os::read_tree(directory.path, rules));
    for (os::Tree::File& file : tree.files)
        directory.files.push_back({std::move(file.path), std::move(file.text)});
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
    if (context.paths.user_mode)
        surroundings.environment["UPSTART_SESSION"] = "unix:path=" + context.paths.socket;
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
            os::is_directory(path) ? TRY(read_conf_directory(path)) : TRY(read_one(path));
        texts.directories.push_back(std::move(directory));
    }
    return texts;
}

}  // namespace reeve::cli
