#include "drivers/limit_plan.h"

#include <optional>

#include "os/limit_name.h"

namespace reeve::drivers {
namespace {

std::string value_text(std::uint64_t value) {
    return value == UINT64_MAX ? "unlimited" : std::to_string(value);
}

}  // namespace

std::vector<os::GroupLimit> limits_of(const spec::GroupLimits& limits) {
    using Kind = os::GroupLimit::Kind;
    std::vector<os::GroupLimit> found;
    const auto add = [&found](Kind kind, const auto& value) {
        if (value) found.push_back(os::GroupLimit{kind, *value});
    };
    add(Kind::MemoryMax, limits.memory_max_bytes);
    add(Kind::MemoryHigh, limits.memory_high_bytes);
    add(Kind::MemoryLow, limits.memory_low_bytes);
    add(Kind::SwapMax, limits.swap_max_bytes);
    add(Kind::Cpu, limits.cpu_percent_hundredths);
    add(Kind::CpuWeight, limits.cpu_weight);
    add(Kind::Processes, limits.processes_max);
    return found;
}

std::string to_text(const spec::ResourceLimit& limit) {
    const std::string text = os::limit_name(limit.resource) + " " + value_text(limit.soft);
    return limit.soft == limit.hard ? text : text + " (hard " + value_text(limit.hard) + ")";
}

}  // namespace reeve::drivers
