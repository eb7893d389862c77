#include "daemon/process_report.h"

#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "os/fd.h"
#include "os/process.h"

namespace reeve::daemon {
namespace {

constexpr std::size_t kCommandLineMax = 4096;
constexpr std::size_t kChildrenBytesMax = 4 * 1024 * 1024;

std::string proc_file(pid_t pid, const char* name) {
    return "/proc/" + std::to_string(pid) + "/" + name;
}

Duration ticks_to_duration(std::int64_t ticks) {
    const long per_second = ::sysconf(_SC_CLK_TCK);
    return std::chrono::nanoseconds(1s) * ticks / per_second;
}

}  // namespace

std::optional<api::Process> look_at_process(pid_t pid) {
    const std::optional<os::ProcessStat> stat = os::read_process_stat(pid);
    if (!stat) return std::nullopt;
    api::Process process;
    process.pid = pid;
    process.parent_pid = stat->parent;
    process.cpu = ticks_to_duration(stat->cpu_ticks);
    process.memory_bytes =
        stat->resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    const Result<std::string> line = os::read_file(proc_file(pid, "cmdline"), 1024 * 1024);
    if (line) process.command = line->substr(0, kCommandLineMax);
    std::replace(process.command.begin(), process.command.end(), '\0', ' ');
    process.command = trim(process.command);
    return process;
}

int child_named(pid_t parent, const std::string& name) {
    const std::string file = proc_file(parent, "task/") + std::to_string(parent) + "/children";
    const Result<std::string> children = os::read_file(file, kChildrenBytesMax);
    if (!children) return 0;
    for (const std::string_view word : words(*children)) {
        const Result<std::int64_t> pid = parse_integer(word);
        if (!pid) continue;
        const Result<std::string> comm =
            os::read_file(proc_file(static_cast<pid_t>(*pid), "comm"), 64);
        if (comm && trim(*comm) == name) return static_cast<int>(*pid);
    }
    return 0;
}

}  // namespace reeve::daemon
