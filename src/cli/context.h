#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "api/client.h"
#include "api/table.h"
#include "base/time.h"
#include "os/paths.h"

namespace reeve::cli {

/// What every command is given: where things are, and how the user wants it.
struct Context {
    os::Paths paths;
    std::string program_directory;  // where this executable is
    std::string command_line;       // as typed
    WallTime began;                 // when it was
    bool json = false;
    bool wait = true;
    Duration timeout{};      // zero: without limit
    api::TextStyle out;      // of stdout
    bool err_color = false;  // of stderr
    bool progress = false;   // stderr is a terminal, and the user wants text

    api::Client client() const { return api::Client(paths.socket); }
};

/// The context as the environment and the terminals say. `args` are the words that were typed.
Context make_context(const std::vector<std::string>& args);

/// Writes to stdout. False: nobody reads it any more.
bool print(std::string_view text);

/// `reeve: text` on stderr, in red where it may be.
void print_error(const Context& context, std::string_view text);

/// `reeve: warning: text` on stderr.
void print_warning(const Context& context, std::string_view text);

/// A line on the terminal that the next one replaces, on stderr; empty: takes the last one away.
void print_progress(const Context& context, std::string_view text);

}  // namespace reeve::cli
