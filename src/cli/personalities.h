#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::cli {

/// A program that this one is, too, when it is called by its name.
struct Personality {
    std::string_view name;  // of argv[0], without its directory
    /// `name` is the one it was called by, perhaps that of a link; the result is what the process
    /// ends with.
    int (*run)(std::string_view name, const std::vector<std::string>& args);
    bool is_command = false;  // also as `reeve NAME …`
};

std::span<const Personality> all_personalities();

/// The last part of a path.
std::string_view last_part(std::string_view path);

/// What the process is to be: by the last part of `program`, by the first of `args` where that is
/// the name of a personality that is a command, or, for a link with another name (an init script
/// that is a link to `bluepill`), by the first known name that it leads to. nullptr: reeve itself.
const Personality* find_personality(std::string_view program, const std::vector<std::string>& args);

}  // namespace reeve::cli
