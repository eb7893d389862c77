#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "formats/diagnostic.h"

namespace reeve::formats::procfile {

/// Which names of process types are taken.
enum class Grammar {
    Relaxed,  // letters, digits, `-` and `_`
    Strict    // a DNS label: lower-case letters, digits and inner `-`
};

/// One line `name: command`.
struct Entry {
    std::string name;
    std::string command;             // without its comment and without blanks at both ends
    std::size_t name_offset = 0;     // of the name's first byte in the text
    std::size_t command_offset = 0;  // of the command's first byte

    friend bool operator==(const Entry&, const Entry&) = default;
};

/// Reads a Procfile: entries in the order of their names, and every error with its place.
///
/// A line is `name: command`; lines that begin with `#` or `//` and empty ones are skipped. A
/// comment begins at the last ` #` of a command, else at its last ` //`, outside of quotes.
/// Source: procfile-util parse.go, whose messages these are; it is not aware of quotes.
Reading<std::vector<Entry>> parse(std::string_view file, std::string_view text, Grammar grammar);

}  // namespace reeve::formats::procfile
