#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace reeve::formats::upstart {

/// A whole number as strtol(3) reads one that fills the text: with an optional sign.
std::optional<std::int64_t> read_number(std::string_view text, int base);

/// A number of 0 or more that an `int` holds.
std::optional<int> read_count(std::string_view text);

/// The signal of a name, `TERM` or `SIGTERM`, in capitals; or nullopt.
std::optional<int> signal_of(std::string_view name);

}  // namespace reeve::formats::upstart
