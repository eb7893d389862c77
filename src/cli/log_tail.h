#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace reeve::cli {

/// The end of a log file.
struct Tail {
    std::vector<std::string> lines;  // without their ends
    std::uint64_t offset = 0;        // where reading goes on: the beginning of an unfinished line
};

/// The last `count` whole lines. The file that the last rotation has set aside (`PATH.1`) is looked
/// at where there are fewer. A file that does not exist has no lines.
Result<Tail> read_tail(const std::string& path, std::size_t count);

/// A line of a log, taken apart. Lines that do not begin with a time have an empty one.
struct LogLine {
    std::string_view time;  // `2026-11-20T12:17:24.123456Z`
    std::string_view text;
};
LogLine parse_log_line(std::string_view line);

}  // namespace reeve::cli
