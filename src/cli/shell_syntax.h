#pragma once

#include <string>

#include "base/result.h"

namespace reeve::cli {

/// Whether `/bin/sh -n` takes the script; else what it says, line by line.
Result<void> check_shell_syntax(const std::string& script);

}  // namespace reeve::cli
