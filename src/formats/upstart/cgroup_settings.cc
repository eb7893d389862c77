#include "formats/upstart/cgroup_settings.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace reeve::formats::upstart {
namespace {

constexpr std::string_view kOwnGroup = "$UPSTART_CGROUP";
constexpr std::uint64_t kSharesOfOthers = 1024;  // of one that asks for none
constexpr std::uint64_t kWeightOfOthers = 100;
constexpr std::uint64_t kWeightMax = 10'000;

/// `52428800`, `50M`: as the kernel takes it.
std::optional<std::uint64_t> parse_amount(std::string_view text) {
    constexpr std::string_view kUnits = "KMG";
    unsigned shift = 0;
    if (!text.empty()) {
        const char last = static_cast<char>(text.back() & ~('a' - 'A'));
        const std::size_t unit = kUnits.find(last);
        if (unit != std::string_view::npos) {
            shift = static_cast<unsigned>(unit + 1) * 10;
            text.remove_suffix(1);
        }
    }
    const Result<std::int64_t> number = parse_integer(text);
    if (!number || *number <= 0 || *number > (INT64_MAX >> shift)) return std::nullopt;
    return static_cast<std::uint64_t>(*number) << shift;
}

bool take(const std::string& name, std::uint64_t amount, spec::GroupLimits& limits) {
    if (name == "memory.limit_in_bytes") {
        limits.memory_max_bytes = amount;
    } else if (name == "pids.max") {
        limits.processes_max = amount;
    } else if (name == "cpu.shares") {
        const std::uint64_t shares = std::min(amount, kWeightMax * kSharesOfOthers);
        const std::uint64_t weight = shares * kWeightOfOthers / kSharesOfOthers;
        limits.cpu_weight =
            static_cast<std::uint32_t>(std::clamp<std::uint64_t>(weight, 1, kWeightMax));
    } else {
        return false;
    }
    return true;
}

}  // namespace

bool take_cgroup_setting(const std::string& stanza, spec::GroupLimits& limits) {
    std::vector<std::string_view> words;
    for (const std::string_view word : split(stanza, ' '))
        words.push_back(word);
    const bool names_own = words.size() == 4 && words[1] == kOwnGroup;
    if (words.size() != 3 && !names_own) return false;
    const std::string controller(words[0]);
    std::string key(words[words.size() - 2]);
    if (!key.starts_with(controller + '.')) key = controller + '.' + key;
    const std::optional<std::uint64_t> amount = parse_amount(words.back());
    return amount && take(key, *amount, limits);
}

}  // namespace reeve::formats::upstart
