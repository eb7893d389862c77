#pragma once

#include <string>
#include <variant>
#include <vector>

namespace reeve::spec {

/// Executed as it is, without a shell: the first word is looked up in the service's PATH.
struct DirectCommand {
    std::vector<std::string> argv;  // never empty
    friend bool operator==(const DirectCommand&, const DirectCommand&) = default;
};

/// Which shell runs a ShellCommand.
enum class Shell {
    Bash,       // `bash -c`, or `sh -c` where there is no bash: Procfile
    ShErrexit,  // `sh -e -c`: Upstart
    Sh,         // `sh -c`: Bluepill
    /// `sh -e /proc/self/fd/9`, the text being what descriptor 9 reads: Upstart's scripts of more
    /// than one line. May be longer than one argument.
    ShErrexitFile
};

/// Handed to a shell unchanged.
struct ShellCommand {
    std::string text;
    Shell shell = Shell::Bash;
    friend bool operator==(const ShellCommand&, const ShellCommand&) = default;
};

/// What a run executes.
using Command = std::variant<DirectCommand, ShellCommand>;

/// The command as a person would write it, on one line, for status pages.
std::string to_text(const Command& command);

}  // namespace reeve::spec
