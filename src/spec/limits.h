#pragma once

#include <cstdint>
#include <optional>

namespace reeve::spec {

/// Limits on everything in a run's cgroup together. What the machine cannot enforce is shown as not
/// applied (engine.md, §10); nothing refuses to start for it.
struct GroupLimits {
    std::optional<std::uint64_t> memory_max_bytes;   // above it the kernel kills
    std::optional<std::uint64_t> memory_high_bytes;  // above it the kernel slows down and reclaims
    std::optional<std::uint64_t> memory_low_bytes;   // protected from reclaim
    std::optional<std::uint64_t> swap_max_bytes;
    std::optional<std::uint32_t> cpu_percent_hundredths;  // most; 100 % is one processor
    std::optional<std::uint32_t> cpu_weight;              // 1 to 10,000; others have 100
    std::optional<std::uint64_t> processes_max;           // threads count, too
    friend bool operator==(const GroupLimits&, const GroupLimits&) = default;

    bool is_empty() const { return *this == GroupLimits{}; }
};

}  // namespace reeve::spec
