#include "cli/personalities.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/compat/bluepill/bluepill.h"
#include "cli/compat/dokku/groups.h"
#include "cli/compat/initctl/init_checkconf.h"
#include "cli/compat/initctl/initctl.h"
#include "cli/pill_command.h"

namespace reeve::cli {
namespace {

constexpr Personality kPersonalities[] = {
    {"bluepill", compat::bluepill::run},
    {"dokku", compat::dokku::run_personality},
    {"init-checkconf", initctl::run_checkconf, true},
    {"initctl", initctl::run, true},
    {"reeve-pill", print_evaluated_pill},
    {"reload", initctl::run, false},
    {"restart", initctl::run, false},
    {"start", initctl::run, false},
    {"status", initctl::run, false},
    {"stop", initctl::run, false},
};

/// Links that are followed from the name that was called.
constexpr int kLinksMax = 16;

const Personality* find_by_name(std::string_view path) {
    for (const Personality& personality : kPersonalities) {
        if (personality.name == last_part(path)) return &personality;
    }
    return nullptr;
}

/// The file that a name without a slash was found as.
std::string find_in_path(const std::string& name) {
    if (name.find('/') != std::string::npos) return name;
    const char* path = ::getenv("PATH");
    const std::string_view list = path == nullptr ? "" : path;
    for (const std::string_view directory : split(list, ':')) {
        const std::string file = std::string(directory) + "/" + name;
        if (::access(file.c_str(), X_OK) == 0) return file;
    }
    return name;
}

/// What a link says; empty: it is none.
std::string read_link(const std::string& path) {
    char target[PATH_MAX];
    const ssize_t size = ::readlink(path.c_str(), target, sizeof target);
    if (size <= 0) return "";
    std::string text(target, static_cast<std::size_t>(size));
    if (text.starts_with('/')) return text;
    const std::size_t slash = path.rfind('/');
    return (slash == std::string::npos ? "" : path.substr(0, slash + 1)) + text;
}

/// An init script that is a link to `bluepill`: the first known name on the way.
const Personality* find_by_link(std::string_view program) {
    std::string path = find_in_path(std::string(program));
    for (int links = 0; links < kLinksMax && !path.empty(); ++links) {
        if (const Personality* found = find_by_name(path)) return found;
        path = read_link(path);
    }
    return nullptr;
}

}  // namespace

std::span<const Personality> all_personalities() {
    return kPersonalities;
}

std::string_view last_part(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

const Personality* find_personality(std::string_view program,
                                    const std::vector<std::string>& args) {
    if (const Personality* found = find_by_name(program)) return found;
    for (const Personality& personality : kPersonalities) {
        if (personality.is_command && !args.empty() && personality.name == args.front())
            return &personality;
    }
    return last_part(program) == "reeve" ? nullptr : find_by_link(program);
}

}  // namespace reeve::cli
