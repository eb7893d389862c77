#include "os/process_meter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <string_view>

#include "os/process.h"

namespace reeve::os {
namespace {

/// The clock of a process's own time. Source: Linux include/linux/posix-timers_types.h,
/// make_process_cpuclock(pid, CPUCLOCK_SCHED); clock_getcpuclockid(3) asks the kernel once more.
clockid_t cpu_clock_of(pid_t pid) {
    constexpr unsigned kCpuClockSched = 2;
    return static_cast<clockid_t>(~static_cast<unsigned>(pid) << 3 | kCpuClockSched);
}

Duration length_of_ticks(std::int64_t ticks) {
    static const std::int64_t kTicksPerSecond = ::sysconf(_SC_CLK_TCK);
    return std::chrono::milliseconds(ticks * 1000 / kTicksPerSecond);
}

/// The second number of a line, in pages.
std::uint64_t resident_pages(std::string_view statm) {
    const std::size_t at = statm.find(' ');
    std::uint64_t pages = 0;
    if (at == std::string_view::npos) return pages;
    std::from_chars(statm.data() + at + 1, statm.data() + statm.size(), pages);
    return pages;
}

}  // namespace

std::optional<Duration> cpu_time_of(pid_t pid) {
    timespec time{};
    if (::clock_gettime(cpu_clock_of(pid), &time) != 0) return std::nullopt;
    return Duration(static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec);
}

std::optional<ProcessMeter> ProcessMeter::open(pid_t pid) {
    static const UniqueFd processes(::open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC));
    char path[32];
    ::snprintf(path, sizeof path, "%d/statm", pid);
    ProcessMeter meter(pid, UniqueFd(::openat(processes.get(), path, O_RDONLY | O_CLOEXEC)));
    if (!meter.memory_) return std::nullopt;
    // It is of the same process if the next reading of its memory succeeds.
    const std::optional<ProcessStat> stat = read_process_stat(pid);
    if (!stat) return std::nullopt;
    meter.start_ticks_ = stat->start_ticks;
    return meter;
}

std::optional<ProcessUsage> ProcessMeter::read() const {
    static const auto kPageBytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    ProcessUsage usage;
    usage.start_ticks = start_ticks_;
    std::optional<Duration> cpu = cpu_time_of(pid_);
    if (!cpu) {
        const std::optional<ProcessStat> stat = read_process_stat(pid_);
        if (stat) cpu = length_of_ticks(stat->cpu_ticks);
    }
    char line[128];
    ssize_t got = 0;
    do {
        got = ::pread(memory_.get(), line, sizeof line, 0);
    } while (got < 0 && errno == EINTR);
    // As long as there is something to read the process has its number, and the time is its own.
    if (got <= 0 || !cpu) return std::nullopt;
    const std::string_view statm(line, static_cast<std::size_t>(got));
    usage.cpu = *cpu;
    usage.resident_bytes = resident_pages(statm) * kPageBytes;
    usage.has_memory = !statm.starts_with("0 ");
    return usage;
}

}  // namespace reeve::os
