#include "cli/personalities.h"

#include "cli/compat/initctl/init_checkconf.h"

namespace reeve::cli {
namespace {

constexpr Personality kPersonalities[] = {
    {"init-checkconf", initctl::run_checkconf, true},
};

}  // namespace

std::span<const Personality> all_personalities() {
    return kPersonalities;
}

const Personality* find_personality(std::string_view program,
                                    const std::vector<std::string>& args) {
    const std::string_view name = program.substr(program.rfind('/') + 1);
    for (const Personality& personality : kPersonalities) {
        if (personality.name == name) return &personality;
        if (personality.is_command && !args.empty() && personality.name == args.front())
            return &personality;
    }
    return nullptr;
}

}  // namespace reeve::cli
