#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::cli {

/// A program that this one is, too, when it is called by its name.
struct Personality {
    std::string_view name;  // of argv[0], without its directory
    /// `name` is the one it was called by; the result is what the process ends with.
    int (*run)(std::string_view name, const std::vector<std::string>& args);
    bool is_command = false;  // also as `reeve NAME …`
};

std::span<const Personality> all_personalities();

/// What the process is to be: by the last part of `program`, or by the first of `args` where that
/// is the name of a personality that is a command. nullptr: reeve itself.
const Personality* find_personality(std::string_view program, const std::vector<std::string>& args);

}  // namespace reeve::cli
