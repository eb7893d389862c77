#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "formats/diagnostic.h"

namespace reeve::formats::dotenv {

/// One variable of the file. Names are unique: of several lines the last one counts.
struct Variable {
    std::string name;
    std::string value;
    std::size_t offset = 0;  // of the name's first byte in the text

    friend bool operator==(const Variable&, const Variable&) = default;
};

/// Reads a `.env` file: variables in the order of their names.
///
/// `NAME=value`, with or without `export`, blanks around `=`, or `NAME: value`. In double quotes
/// `\n`, `\r`, `\"`, `\\`, `\$` are escapes and `$NAME` or `${NAME}` stands for a variable further
/// up (capital letters, digits, `_`; empty where there is none); single quotes take everything as
/// it is; both may span lines. Without quotes the value ends before ` #`, and `$NAME` is replaced.
/// Source: godotenv 1.5.1 parser.go.
Reading<std::vector<Variable>> parse(std::string_view file, std::string_view text);

}  // namespace reeve::formats::dotenv
