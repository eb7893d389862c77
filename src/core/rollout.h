#pragma once

#include <cstddef>
#include <vector>

#include "spec/service.h"

namespace reeve::core {

/// Where an instance stands in a roll-out of its service.
enum class Rolling {
    None,    // no part of one
    Todo,    // its turn has not come
    Active,  // being replaced
    Done     // replaced; still counts until the whole roll-out is over
};

/// One instance of a roll-out, as far as the next step depends on it.
struct RolloutMember {
    Rolling rolling = Rolling::Todo;
    bool ready = false;
};

/// Which members to replace now, in their order.
///
/// What is not ready anyway is replaced at once: nothing is lost by it. Of the ready ones, as many
/// as leave at most max_unavailable (but at least one at a time) not ready; where old and new
/// overlap, as many as are being replaced at one time.
std::vector<std::size_t> next_to_replace(const std::vector<RolloutMember>& members,
                                         const spec::RolloutSpec& spec, bool overlaps);

}  // namespace reeve::core
