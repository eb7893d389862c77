#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/context.h"
#include "cli/exit_code.h"

namespace reeve::cli {

/// One command of `reeve`: what help says of it, and what it does.
struct Command {
    std::string_view name;
    std::string_view arguments;  // `TARGET…`
    std::string_view summary;    // one line, for the list of commands
    std::string_view details;    // more, for its own help; lines end with a newline
    std::string_view example;    // one or more lines that can be typed
    /// Reads its own arguments with an OptionReader.
    ExitCode (*run)(const Command& command, Context context, const std::vector<std::string>& args);
};

}  // namespace reeve::cli
