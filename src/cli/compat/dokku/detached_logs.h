#pragma once

#include <cstddef>
#include <set>
#include <string>

namespace reeve::cli::compat::dokku {

/// The logs of so many commands that have ended are kept, for each app and kind.
inline constexpr std::size_t kEndedLogsMax = 20;

/// Removes the directories of `log_dir` whose names begin so (`shop.run.`), but for those in
/// `running` and the `kEndedLogsMax` that were written to last. What cannot be removed stays.
void remove_old_logs(const std::string& log_dir, const std::string& prefix,
                     const std::set<std::string>& running);

}  // namespace reeve::cli::compat::dokku
