#pragma once

#include <string>

#include "base/result.h"

namespace reeve::sim {

/// Hands the events of a recording (core/recording.h) to a manager, and prints them with what it
/// decides, and in the end where every instance stands: `shop/web.1 running up pid=812 restarts=0`.
Result<void> replay(const std::string& path);

}  // namespace reeve::sim
