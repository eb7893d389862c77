#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reeve::api {

/// The length in bytes of the well-formed UTF-8 sequence that `text` begins with; 0: it begins
/// with none.
std::size_t utf8_sequence(std::string_view text);

/// The text as one line that a terminal cannot misunderstand: control characters become blanks,
/// what is not UTF-8 becomes `?`.
std::string printable(std::string_view text);

/// How many columns a printable text takes; every character counts as one.
std::size_t columns(std::string_view text);

/// The text itself, or its beginning and `…` if it is wider than `width`.
std::string fit(std::string_view text, std::size_t width);

}  // namespace reeve::api
