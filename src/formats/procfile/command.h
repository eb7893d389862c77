#pragma once

#include <string_view>

#include "spec/command.h"

namespace reeve::formats::procfile {

/// The command for the engine: executed directly where bash would do nothing but split it into
/// words, else handed to bash unchanged.
spec::Command to_command(std::string_view text);

/// Whether the command mentions the variable PORT: `$PORT` or `${PORT…`.
bool mentions_port(std::string_view text);

}  // namespace reeve::formats::procfile
