#include "daemon/resource_plan.h"

#include <algorithm>

#include "base/text.h"

namespace reeve::daemon {
namespace {

constexpr std::uint64_t kMemoryMax = std::uint64_t{1} << 50;
constexpr std::uint32_t kHundredthsOfACpu = 10'000;
constexpr std::uint32_t kCpusMax = 4096;
/// The weight of one reserved processor; a group without a reservation has 100.
constexpr std::uint64_t kWeightOfACpu = 100;

std::string value_for(const api::Records& records, const std::string& type,
                      const std::string& what) {
    for (const std::string& owner : {type, std::string("_default_")}) {
        const auto found = records.find("resource/" + owner + "." + what);
        if (found != records.end() && !found->second.empty()) return found->second;
    }
    return "";
}

}  // namespace

std::optional<std::uint64_t> parse_memory(std::string_view text) {
    std::uint64_t unit = std::uint64_t{1} << 20;
    std::string number(text);
    std::transform(number.begin(), number.end(), number.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (number.size() > 1 && number.ends_with("b")) {
        const char before = number[number.size() - 2];
        if (before == 'k' || before == 'm' || before == 'g') number.pop_back();
    }
    if (!number.empty()) {
        const char last = number.back();
        const bool has_unit = last == 'b' || last == 'k' || last == 'm' || last == 'g';
        if (last == 'b') unit = 1;
        if (last == 'k') unit = std::uint64_t{1} << 10;
        if (last == 'g') unit = std::uint64_t{1} << 30;
        if (has_unit) number.pop_back();
    }
    const auto count = parse_integer(number);
    if (!count || *count < 0) return std::nullopt;
    if (static_cast<std::uint64_t>(*count) > kMemoryMax / unit) return std::nullopt;
    return static_cast<std::uint64_t>(*count) * unit;
}

std::optional<std::uint32_t> parse_cpus(std::string_view text) {
    const std::size_t dot = text.find('.');
    const auto whole = parse_integer(text.substr(0, dot));
    if (!whole || *whole < 0 || *whole > kCpusMax) return std::nullopt;
    std::uint32_t hundredths = static_cast<std::uint32_t>(*whole) * kHundredthsOfACpu;
    if (dot == std::string_view::npos) return hundredths;
    std::uint32_t unit = kHundredthsOfACpu / 10;
    for (const char c : text.substr(dot + 1)) {
        if (c < '0' || c > '9') return std::nullopt;
        hundredths += static_cast<std::uint32_t>(c - '0') * unit;
        unit /= 10;
    }
    return hundredths;
}

spec::GroupLimits plan_limits(const api::Records& records, const std::string& type) {
    spec::GroupLimits limits;
    const auto memory = parse_memory(value_for(records, type, "limit.memory"));
    if (memory && *memory > 0) limits.memory_max_bytes = *memory;
    const auto swap = parse_memory(value_for(records, type, "limit.memory-swap"));
    // Docker's value is memory and swap together.
    if (memory && swap && *swap >= *memory) limits.swap_max_bytes = *swap - *memory;
    const auto cpus = parse_cpus(value_for(records, type, "limit.cpu"));
    if (cpus && *cpus > 0) limits.cpu_percent_hundredths = *cpus;
    const auto reserved = parse_memory(value_for(records, type, "reserve.memory"));
    if (reserved && *reserved > 0) limits.memory_low_bytes = *reserved;
    const auto share = parse_cpus(value_for(records, type, "reserve.cpu"));
    if (share && *share > 0) {
        const std::uint64_t weight = kWeightOfACpu * *share / kHundredthsOfACpu;
        limits.cpu_weight =
            static_cast<std::uint32_t>(std::clamp<std::uint64_t>(weight, 1, 10'000));
    }
    return limits;
}

}  // namespace reeve::daemon
