#include "formats/native/quantities.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include <array>
#include <limits>
#include <utility>

#include "base/text.h"

namespace reeve::formats::native {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t size;
};

constexpr std::array<Unit, 7> kTimeUnits = {{{"d", 86'400'000'000'000},
                                             {"h", 3'600'000'000'000},
                                             {"m", 60'000'000'000},
                                             {"s", 1'000'000'000},
                                             {"ms", 1'000'000},
                                             {"us", 1'000},
                                             {"ns", 1}}};

constexpr std::uint64_t kSmallestUnitWritten = std::uint64_t{1} << 20;

constexpr std::array<Unit, 4> kSizeUnits = {{{"T", std::int64_t{1} << 40},
                                             {"G", std::int64_t{1} << 30},
                                             {"M", std::int64_t{1} << 20},
                                             {"K", std::int64_t{1} << 10}}};

struct Limit {
    std::string_view name;
    int resource;
};

// setrlimit(2), in lower case and without RLIMIT_.
constexpr std::array<Limit, 16> kLimits = {{{"as", RLIMIT_AS},
                                            {"core", RLIMIT_CORE},
                                            {"cpu", RLIMIT_CPU},
                                            {"data", RLIMIT_DATA},
                                            {"fsize", RLIMIT_FSIZE},
                                            {"locks", RLIMIT_LOCKS},
                                            {"memlock", RLIMIT_MEMLOCK},
                                            {"msgqueue", RLIMIT_MSGQUEUE},
                                            {"nice", RLIMIT_NICE},
                                            {"nofile", RLIMIT_NOFILE},
                                            {"nproc", RLIMIT_NPROC},
                                            {"rss", RLIMIT_RSS},
                                            {"rtprio", RLIMIT_RTPRIO},
                                            {"rttime", RLIMIT_RTTIME},
                                            {"sigpending", RLIMIT_SIGPENDING},
                                            {"stack", RLIMIT_STACK}}};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Takes the digits at the beginning of the text away; nullopt: none, or too many.
std::optional<std::int64_t> take_number(std::string_view& text) {
    std::size_t size = 0;
    while (size < text.size() && is_digit(text[size]))
        ++size;
    const Result<std::int64_t> number = parse_integer(text.substr(0, size));
    if (size == 0 || !number) return std::nullopt;
    text.remove_prefix(size);
    return *number;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    if (text == "0") return Duration{};
    if (text.empty()) return std::nullopt;
    std::int64_t sum = 0;
    while (!text.empty()) {
        const std::optional<std::int64_t> number = take_number(text);
        if (!number) return std::nullopt;
        std::size_t size = 0;
        while (size < text.size() && !is_digit(text[size]))
            ++size;
        const std::string_view name = text.substr(0, size);
        std::int64_t unit = 0;
        for (const Unit& one : kTimeUnits) {
            if (one.name == name) unit = one.size;
        }
        if (unit == 0 || *number > (kMax - sum) / unit) return std::nullopt;
        sum += *number * unit;
        text.remove_prefix(size);
    }
    return Duration(sum);
}

std::string write_duration(Duration duration) {
    std::int64_t left = duration.count();
    if (left <= 0) return left == 0 ? "0s" : std::to_string(left) + "ns";
    std::string out;
    for (const Unit& unit : kTimeUnits) {
        if (left < unit.size) continue;
        out += std::to_string(left / unit.size) + std::string(unit.name);
        left %= unit.size;
    }
    return out;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    if (text == "unlimited") return std::numeric_limits<std::uint64_t>::max();
    const std::optional<std::int64_t> number = take_number(text);
    if (!number) return std::nullopt;
    if (text.empty()) return static_cast<std::uint64_t>(*number);
    for (const Unit& unit : kSizeUnits) {
        if (text != unit.name) continue;
        if (*number > std::numeric_limits<std::int64_t>::max() / unit.size) return std::nullopt;
        return static_cast<std::uint64_t>(*number * unit.size);
    }
    return std::nullopt;
}

std::string write_size(std::uint64_t bytes) {
    if (bytes == std::numeric_limits<std::uint64_t>::max()) return "unlimited";
    for (const Unit& unit : kSizeUnits) {
        const auto size = static_cast<std::uint64_t>(unit.size);
        // Small numbers are counts (of files) as often as bytes: they stay what they are.
        if (size >= kSmallestUnitWritten && bytes != 0 && bytes % size == 0)
            return std::to_string(bytes / size) + std::string(unit.name);
    }
    return std::to_string(bytes);
}

std::optional<std::uint64_t> parse_percent(std::string_view text) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / 100 - 1;
    const std::optional<std::int64_t> whole = take_number(text);
    if (!whole || *whole > kMost) return std::nullopt;
    std::uint64_t hundredths = static_cast<std::uint64_t>(*whole) * 100;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        const std::size_t digits = text.size();
        const std::optional<std::int64_t> part = take_number(text);
        const std::size_t taken = digits - text.size();
        if (!part || taken > 2) return std::nullopt;
        hundredths += static_cast<std::uint64_t>(taken == 1 ? *part * 10 : *part);
    }
    return text == "%" ? std::optional(hundredths) : std::nullopt;
}

std::string write_percent(std::uint64_t hundredths) {
    const std::string digits = std::to_string(100 + hundredths % 100).substr(1);
    const bool is_whole = hundredths % 100 == 0;
    return std::to_string(hundredths / 100) + (is_whole ? "" : "." + digits) + "%";
}

std::optional<int> parse_signal(std::string_view text) {
    if (const Result<std::int64_t> number = parse_integer(text)) {
        if (*number < 1 || *number > 64) return std::nullopt;
        return static_cast<int>(*number);
    }
    if (text.starts_with("SIG")) text.remove_prefix(3);
    for (int signal = 1; signal < SIGRTMIN; ++signal) {
        const char* name = ::sigabbrev_np(signal);
        if (name != nullptr && text == name) return signal;
    }
    if (!text.starts_with("RTMIN")) return std::nullopt;
    text.remove_prefix(5);
    if (text.empty()) return SIGRTMIN;
    const Result<std::int64_t> more = parse_integer(text.substr(1));
    if (text.front() != '+' || !more || *more < 0 || *more > SIGRTMAX - SIGRTMIN)
        return std::nullopt;
    return SIGRTMIN + static_cast<int>(*more);
}

std::string write_signal(int signal) {
    const char* name = signal >= 1 && signal < SIGRTMIN ? ::sigabbrev_np(signal) : nullptr;
    return name != nullptr ? name : std::to_string(signal);
}

std::optional<int> parse_limit_name(std::string_view name) {
    for (const Limit& limit : kLimits) {
        if (limit.name == name) return limit.resource;
    }
    return std::nullopt;
}

std::string_view limit_name(int resource) {
    for (const Limit& limit : kLimits) {
        if (limit.resource == resource) return limit.name;
    }
    return "";
}

}  // namespace reeve::formats::native
