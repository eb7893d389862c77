#pragma once

#include <vector>

#include "spec/check_spec.h"
#include "spec/limits.h"
#include "spec/objections.h"

namespace reeve::spec {

/// Objects to the checks of one service; `wants_port`: the instance has a PORT.
void check_checks(const std::vector<Check>& checks, bool wants_port, Objections& objections);

/// Objects to limits that the kernel would not take.
void check_group_limits(const GroupLimits& limits, Objections& objections);

}  // namespace reeve::spec
