#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "base/time.h"
#include "os/fd.h"

namespace reeve::os {

/// What a process uses.
struct ProcessUsage {
    Duration cpu{};  // user and system, of all its threads, since its start
    std::uint64_t resident_bytes = 0;
    std::uint64_t start_ticks = 0;  // field 22 of /proc/PID/stat
    bool has_memory = true;         // false once it has ended, reaped or not
};

/// Asks the kernel again and again what one process uses, for a tenth of what a reading of
/// `/proc/PID/stat` costs: its processor time is a clock, and its memory is read through a
/// descriptor that stays open. Never mistakes a later process with the same number for it.
class ProcessMeter {
public:
    /// nullopt: there is no such process, or no descriptor for it.
    static std::optional<ProcessMeter> open(pid_t pid);

    /// nullopt: the process was reaped.
    std::optional<ProcessUsage> read() const;

private:
    ProcessMeter(pid_t pid, UniqueFd memory) : pid_(pid), memory_(std::move(memory)) {}

    pid_t pid_;
    UniqueFd memory_;  // /proc/PID/statm
    std::uint64_t start_ticks_ = 0;
};

/// The processor time of a process; nullopt: there is none with this number (but of a thread,
/// perhaps), or the kernel does not tell.
std::optional<Duration> cpu_time_of(pid_t pid);

}  // namespace reeve::os
