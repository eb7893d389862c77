#pragma once

#include <vector>

#include "os/group_limits.h"
#include "spec/limits.h"

namespace reeve::drivers {

/// The limits that are set, one by one.
std::vector<os::GroupLimit> limits_of(const spec::GroupLimits& limits);

}  // namespace reeve::drivers
