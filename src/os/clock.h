#pragma once

#include "base/time.h"

namespace reeve::os {

/// CLOCK_BOOTTIME. For whoever does I/O; what decides is told the time.
TimePoint steady_now();

}  // namespace reeve::os
