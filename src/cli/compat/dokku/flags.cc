#include "cli/compat/dokku/flags.h"

#include <algorithm>

namespace reeve::cli::compat::dokku {
namespace {

bool contains(const std::vector<std::string>& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

std::optional<std::string> ParsedFlags::text(const std::string& flag) const {
    const auto found = given.find(flag);
    if (found == given.end()) return std::nullopt;
    return found->second.back();
}

Result<ParsedFlags> parse_flags(const FlagSet& set, const std::vector<std::string>& args) {
    ParsedFlags parsed;
    bool flags_over = false;
    for (std::size_t i = 0; i < args.size(); ++i) {
        const std::string& arg = args[i];
        // `--global` is an app to Dokku, and a lone dash a file.
        const bool is_flag = arg.size() > 1 && arg[0] == '-' && arg != "--global";
        if (flags_over || !is_flag) {
            parsed.words.push_back(arg);
            flags_over = flags_over || !set.interspersed;
            continue;
        }
        if (arg == "--") {
            flags_over = true;
            continue;
        }
        const std::size_t equals = arg.find('=');
        const std::string name = arg.substr(0, equals);
        if (contains(set.texts, name)) {
            if (equals == std::string::npos && i + 1 == args.size()) {
                return Error{"flag needs an argument: " + name};
            }
            parsed.given[name].push_back(equals == std::string::npos ? args[++i]
                                                                     : arg.substr(equals + 1));
        } else if (contains(set.switches, name)) {
            parsed.given[name].emplace_back();
        } else {
            return Error{"unknown flag: " + name};
        }
    }
    return parsed;
}

}  // namespace reeve::cli::compat::dokku
