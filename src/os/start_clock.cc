#include "os/start_clock.h"

#include <unistd.h>

#include <chrono>
#include <optional>

#include "os/clock.h"
#include "os/process.h"

namespace reeve::os {

// Source: Linux kernel/fork.c, fs/proc/array.c: the time since boot at the fork, divided.
std::uint64_t StartClock::now() const {
    static const auto ticks_per_second = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
    constexpr std::uint64_t kNanoseconds = 1'000'000'000;
    const auto since_boot = static_cast<std::uint64_t>(steady_now().time_since_epoch().count());
    const std::uint64_t part = since_boot % kNanoseconds * ticks_per_second / kNanoseconds;
    return since_boot / kNanoseconds * ticks_per_second + part;
}

std::uint64_t StartClock::start_of(pid_t pid, std::uint64_t before) {
    const bool one_tick = now() == before;
    if (one_tick && trust_ == Trust::Proven) return before;
    const std::optional<ProcessStat> stat = read_process_stat(pid);
    if (!stat) return 0;
    if (one_tick && trust_ == Trust::Untried)
        trust_ = stat->start_ticks == before ? Trust::Proven : Trust::Refuted;
    return stat->start_ticks;
}

}  // namespace reeve::os
