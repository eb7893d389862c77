#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reeve::cli::initctl {

/// Upstart's `initctl`, and the commands that have names of their own (`start`, `stop`, `restart`,
/// `reload`, `status`): 0 when it worked, else 1.
/// Source: upstart util/initctl.c (docs/compatibility/upstart.md).
int run(std::string_view name, const std::vector<std::string>& args);

}  // namespace reeve::cli::initctl
