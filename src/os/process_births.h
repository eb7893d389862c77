#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace reeve::os {

/// How many processes and threads the machine has begun, by which it is known that there are no new
/// ones, and the number that was given last: numbers are given in ascending order, and then again
/// from the lowest that is free. A number is given a moment before its process can be seen.
struct Births {
    std::uint64_t count = 0;
    pid_t latest = 0;
};

/// nullopt: the kernel does not tell (`/proc/stat`, `/proc/loadavg`).
std::optional<Births> read_births();

/// The count of `/proc/stat`, its line `processes N`.
std::optional<std::uint64_t> parse_birth_count(std::string_view stat);

/// The number of `/proc/loadavg`, its last word.
std::optional<pid_t> parse_latest_birth(std::string_view loadavg);

/// The greatest number that a process may have, and one more.
pid_t read_pid_max();

}  // namespace reeve::os
