#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

// Times, sizes and signals as people write them, exactly: what is written is what is read.
namespace reeve::formats::native {

/// `10s`, `1m30s`, `250ms`, `2d`; units d, h, m, s, ms, us, ns. nullopt: not a time, or too long.
std::optional<Duration> parse_duration(std::string_view text);

/// The inverse; a negative time gives a text that cannot be read.
std::string write_duration(Duration duration);

/// `512M`, `4096`, `2G`: bytes; K, M, G and T are powers of 1024. `unlimited` is UINT64_MAX.
std::optional<std::uint64_t> parse_size(std::string_view text);

std::string write_size(std::uint64_t bytes);

/// `150%`, `12.5%`: hundredths of a percent; two digits after the point at most. nullopt: it is
/// none.
std::optional<std::uint64_t> parse_percent(std::string_view text);

/// `150%`, `12.50%`.
std::string write_percent(std::uint64_t hundredths);

/// `TERM`, `SIGTERM`, `RTMIN+3` or `15`; nullopt: no signal.
std::optional<int> parse_signal(std::string_view text);

/// `TERM`; the number where it has no name.
std::string write_signal(int signal);

/// `nofile` for RLIMIT_NOFILE; nullopt: not a limit of setrlimit(2).
std::optional<int> parse_limit_name(std::string_view name);

/// Empty where it has no name.
std::string_view limit_name(int resource);

}  // namespace reeve::formats::native
