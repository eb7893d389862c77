#include "core/rollout.h"

#include <algorithm>

namespace reeve::core {

std::vector<std::size_t> next_to_replace(const std::vector<RolloutMember>& members,
                                         const spec::RolloutSpec& spec, bool overlaps) {
    std::vector<std::size_t> picked;
    std::size_t busy = 0;  // what counts against max_unavailable
    for (std::size_t i = 0; i < members.size(); ++i) {
        const RolloutMember& member = members[i];
        const bool begin_at_once = member.rolling == Rolling::Todo && !member.ready;
        if (begin_at_once) picked.push_back(i);
        const bool active = member.rolling == Rolling::Active || begin_at_once;
        if (active || (!overlaps && !member.ready)) ++busy;
    }
    const std::size_t busy_max = std::max<std::size_t>(spec.max_unavailable, 1);
    for (std::size_t i = 0; i < members.size() && busy < busy_max; ++i) {
        if (members[i].rolling != Rolling::Todo || !members[i].ready) continue;
        picked.push_back(i);
        ++busy;
    }
    return picked;
}

}  // namespace reeve::core
