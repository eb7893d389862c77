#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spec/command.h"
#include "spec/service.h"

namespace reeve::formats::pill {

/// The words of a command, as a POSIX shell would quote them but expanding nothing; newlines count
/// as blanks. Nullopt where a quote is not closed.
/// Source: Ruby Shellwords, with which bluepill executes commands since 0.0.45.
std::optional<std::vector<std::string>> shell_words(std::string_view text);

/// A command of a pill for the engine: executed directly, word for word, where that can work, as
/// Bluepill does it; handed to `sh -c` where it has syntax that only a shell knows (operators as
/// words of their own, assignments or builtins at the beginning, a variable that `environment`
/// has), which older versions of Bluepill did and its README still promises.
spec::Command to_command(std::string_view text, const spec::Environment& environment);

}  // namespace reeve::formats::pill
