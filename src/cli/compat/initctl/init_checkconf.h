#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reeve::cli::initctl {

/// Upstart's `init-checkconf`: whether a file is a good job, its scripts included, which the shell
/// reads without running them. Warnings of probable mistakes go to stderr and change nothing.
/// Source: upstart scripts/init-checkconf.sh.
int run_checkconf(std::string_view name, const std::vector<std::string>& args);

}  // namespace reeve::cli::initctl
