#pragma once

#include <string>
#include <variant>

namespace reeve::spec {

/// `/dev/null`.
struct NullFile {
    friend bool operator==(const NullFile&, const NullFile&) = default;
};

/// A file that the process reads or appends to by itself, opened as the user it runs as; it is made
/// where it is missing. Relative to the working directory. Output and error with the same path
/// share one open file. A FIFO holds nobody up.
struct PathFile {
    std::string path;
    friend bool operator==(const PathFile&, const PathFile&) = default;
};

/// `/dev/console`; `/dev/null` where it cannot be opened.
struct ConsoleFile {
    friend bool operator==(const ConsoleFile&, const ConsoleFile&) = default;
};

/// The instance's log (LogSpec), through reeve's pipe.
struct LogFile {
    friend bool operator==(const LogFile&, const LogFile&) = default;
};

using InputFile = std::variant<NullFile, PathFile, ConsoleFile>;
using OutputFile = std::variant<LogFile, NullFile, PathFile, ConsoleFile>;

/// What the main process has as its standard files. Hooks and commands have the same, but where the
/// main process writes files of its own they write to the log, so that their words are not mixed.
struct StdioSpec {
    InputFile input;
    OutputFile output;
    OutputFile error;
    friend bool operator==(const StdioSpec&, const StdioSpec&) = default;
};

/// Where and how the log of an instance is kept.
struct LogSpec {
    /// Absolute; `{instance}` in it stands for the instance's key or number, with `_` for `/`.
    /// Empty: reeve's own place.
    std::string path;
    bool timestamps = true;  // before each line
    /// Set aside when it has grown large. Off: somebody else rotates it (logrotate).
    bool rotate = true;
    friend bool operator==(const LogSpec&, const LogSpec&) = default;
};

}  // namespace reeve::spec
