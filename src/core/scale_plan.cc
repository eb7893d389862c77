#include "core/scale_plan.h"

#include <iterator>

namespace reeve::core {

ScalePlan plan_scale(const std::set<std::uint32_t>& present, std::uint32_t wanted) {
    ScalePlan plan;
    std::size_t kept = present.size();
    for (auto it = present.rbegin(); it != present.rend() && kept > wanted; ++it, --kept) {
        plan.retire.push_back(*it);
    }
    for (std::uint32_t index = 1; kept < wanted; ++index) {
        if (present.contains(index)) continue;
        plan.add.push_back(index);
        ++kept;
    }
    return plan;
}

}  // namespace reeve::core
