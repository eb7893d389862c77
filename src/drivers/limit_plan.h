#pragma once

#include <string>
#include <vector>

#include "os/group_limits.h"
#include "spec/limits.h"
#include "spec/service.h"

namespace reeve::drivers {

/// The limits that are set, one by one.
std::vector<os::GroupLimit> limits_of(const spec::GroupLimits& limits);

/// A limit of each process as it is shown: `nofile 4096`, `cpu 60 (hard 90)`.
std::string to_text(const spec::ResourceLimit& limit);

}  // namespace reeve::drivers
