#include "core/formation.h"

#include <vector>

#include "base/text.h"
#include "spec/service.h"

namespace reeve::core {
namespace {

void read_line(std::string_view line, Formation& formation) {
    const std::vector<std::string_view> parts = split(line, ' ');
    if (parts.size() < 3) return;
    const Result<std::string> service = unescape_name(parts[1]);
    const Result<std::int64_t> number = parse_integer(parts[2]);
    if (!service.ok() || !number.ok() || *number < 0 || *number > spec::kInstancesMax) return;
    const std::uint32_t index = static_cast<std::uint32_t>(*number);
    if (parts[0] == "scale") {
        formation.scaled[*service] = index;
        return;
    }
    Formation::Member member{index, ""};
    if (parts.size() > 3) {
        const Result<std::string> key = unescape_name(parts[3]);
        if (!key.ok()) return;
        member.second = *key;
    }
    if (parts[0] == "down") formation.goals[*service][member] = status::Goal::Down;
    if (parts[0] == "unmonitored") formation.goals[*service][member] = status::Goal::Unmonitored;
}

}  // namespace

std::string to_text(const Formation& formation) {
    std::string text;
    for (const auto& [service, count] : formation.scaled) {
        text += "scale " + escape_name(service) + " " + std::to_string(count) + "\n";
    }
    for (const auto& [service, members] : formation.goals) {
        for (const auto& [member, goal] : members) {
            text += status::to_text(goal) + " " + escape_name(service) + " " +
                    std::to_string(member.first);
            if (!member.second.empty()) text += " " + escape_name(member.second);
            text += "\n";
        }
    }
    return text;
}

Formation formation_from_text(std::string_view text) {
    Formation formation;
    for (const std::string_view line : split(text, '\n'))
        read_line(line, formation);
    return formation;
}

}  // namespace reeve::core
