#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reeve::cli::compat::bluepill {

// What `bluepill` ends with. Source: bluepill bin/bluepill, lib/bluepill/controller.rb.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kNothingRuns = 2;
inline constexpr int kNotRoot = 3;
inline constexpr int kConfigError = 6;

/// The command line of Bluepill: `args` are the words after the program's name, which is
/// `program` (an application's name where a link to `bluepill` is called so).
int run(std::string_view program, const std::vector<std::string>& args);

}  // namespace reeve::cli::compat::bluepill
