#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/log_list.h"
#include "spec/target.h"

namespace reeve::cli {

/// The logs below `log_dir` that the targets mean (none: all), found by their names: for when no
/// daemon is there to ask.
Result<std::vector<LogOfInstance>> find_logs(const std::string& log_dir,
                                             const std::vector<spec::Target>& targets);

}  // namespace reeve::cli
