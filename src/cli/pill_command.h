#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reeve::cli {

/// `reeve-pill FILE`: evaluates a pill as the caller and prints the JSON that comes of it, which
/// `reeve load` takes on machines without Ruby. Ends with Ruby's exit code where the pill fails.
int print_evaluated_pill(std::string_view program, const std::vector<std::string>& args);

}  // namespace reeve::cli
