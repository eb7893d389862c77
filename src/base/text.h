#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace reeve {

/// The parts between separators; empty parts are kept.
std::vector<std::string_view> split(std::string_view text, char separator);

/// The words between runs of blanks, tabs and newlines.
std::vector<std::string_view> words(std::string_view text);

/// Without white space at both ends.
std::string_view trim(std::string_view text);

/// A decimal whole number that fills the whole text, or why it is none.
Result<std::int64_t> parse_integer(std::string_view text);

/// Letters, digits, `-`, `_` and `.` stand for themselves (a leading `.` does not); every other
/// byte becomes `%XX`. Injective: usable as a file name, a cgroup name, a URL part.
std::string escape_name(std::string_view name);

/// The inverse of `escape_name`; fails on text that it never wrote.
Result<std::string> unescape_name(std::string_view escaped);

/// Whether `name` matches a pattern of `*`, `?` and `[abc]`, as the shell does it.
bool glob_matches(const std::string& pattern, const std::string& name);

/// Sixteen lower-case hexadecimal digits.
std::string to_hex(std::uint64_t number);

/// The inverse of `to_hex`, of one to sixteen digits.
Result<std::uint64_t> parse_hex(std::string_view text);

/// Whether the bytes are well-formed UTF-8 (no overlong forms, no surrogates).
bool is_utf8(std::string_view bytes);

/// How many single-letter changes lead from one word to the other (for "did you mean").
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace reeve
