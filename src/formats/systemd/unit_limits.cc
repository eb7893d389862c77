#include "formats/systemd/unit_limits.h"

#include <array>
#include <optional>
#include <string_view>

#include "formats/native/quantities.h"

namespace reeve::formats::systemd {
namespace {

constexpr std::array<std::string_view, 16> kLimitKeys = {
    "CPU",     "FSIZE", "DATA",  "STACK",      "CORE",     "RSS",  "NPROC",  "NOFILE",
    "MEMLOCK", "AS",    "LOCKS", "SIGPENDING", "MSGQUEUE", "NICE", "RTPRIO", "RTTIME"};

std::string number(std::uint64_t value) {
    return value == UINT64_MAX ? "infinity" : std::to_string(value);
}

void add(std::vector<std::string>& lines, std::string_view key,
         const std::optional<std::uint64_t>& value) {
    if (value) lines.push_back(std::string(key) + "=" + number(*value));
}

}  // namespace

std::vector<std::string> limit_lines(const std::vector<spec::ResourceLimit>& limits) {
    std::vector<std::string> lines;
    for (const spec::ResourceLimit& limit : limits) {
        const auto resource = static_cast<std::size_t>(limit.resource);
        if (resource >= kLimitKeys.size()) continue;
        lines.push_back("Limit" + std::string(kLimitKeys[resource]) + "=" + number(limit.soft) +
                        ":" + number(limit.hard));
    }
    return lines;
}

std::vector<std::string> group_limit_lines(const spec::GroupLimits& limits) {
    std::vector<std::string> lines;
    add(lines, "MemoryMax", limits.memory_max_bytes);
    add(lines, "MemoryHigh", limits.memory_high_bytes);
    add(lines, "MemoryLow", limits.memory_low_bytes);
    add(lines, "MemorySwapMax", limits.swap_max_bytes);
    if (limits.cpu_percent_hundredths)
        lines.push_back("CPUQuota=" + native::write_percent(*limits.cpu_percent_hundredths));
    add(lines, "CPUWeight", limits.cpu_weight);
    add(lines, "TasksMax", limits.processes_max);
    return lines;
}

}  // namespace reeve::formats::systemd
