#pragma once

#include <cstdint>
#include <set>
#include <vector>

namespace reeve::core {

/// What to do so that a service has as many instances as are wanted. Indexes count from 1.
struct ScalePlan {
    std::vector<std::uint32_t> add;     // the lowest free ones, ascending
    std::vector<std::uint32_t> retire;  // the highest present ones, descending
    friend bool operator==(const ScalePlan&, const ScalePlan&) = default;
};

/// Touches only what is added or retired.
ScalePlan plan_scale(const std::set<std::uint32_t>& present, std::uint32_t wanted);

}  // namespace reeve::core
