#include "os/process_births.h"

#include <string>

#include "base/text.h"
#include "os/fd.h"

namespace reeve::os {
namespace {

/// A line for each CPU, and a number for each interrupt.
constexpr std::size_t kStatBytesMax = 4 * 1024 * 1024;
constexpr pid_t kPidMaxDefault = 32768;

std::optional<std::int64_t> whole_number(std::string_view text) {
    const Result<std::int64_t> number = parse_integer(trim(text));
    if (!number || *number < 0) return std::nullopt;
    return *number;
}

}  // namespace

std::optional<std::uint64_t> parse_birth_count(std::string_view stat) {
    constexpr std::string_view kKey = "\nprocesses ";
    const std::size_t at = stat.find(kKey);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view rest = stat.substr(at + kKey.size());
    const std::optional<std::int64_t> count = whole_number(rest.substr(0, rest.find('\n')));
    if (!count) return std::nullopt;
    return static_cast<std::uint64_t>(*count);
}

std::optional<pid_t> parse_latest_birth(std::string_view loadavg) {
    const std::size_t at = trim(loadavg).rfind(' ');
    if (at == std::string_view::npos) return std::nullopt;
    const std::optional<std::int64_t> latest = whole_number(loadavg.substr(at + 1));
    if (!latest) return std::nullopt;
    return static_cast<pid_t>(*latest);
}

std::optional<Births> read_births() {
    const Result<std::string> stat = read_file("/proc/stat", kStatBytesMax);
    const Result<std::string> loadavg = read_file("/proc/loadavg", 4096);
    if (!stat || !loadavg) return std::nullopt;
    const std::optional<std::uint64_t> count = parse_birth_count(*stat);
    const std::optional<pid_t> latest = parse_latest_birth(*loadavg);
    if (!count || !latest) return std::nullopt;
    return Births{*count, *latest};
}

pid_t read_pid_max() {
    const Result<std::string> text = read_file("/proc/sys/kernel/pid_max", 64);
    const std::optional<std::int64_t> max = text ? whole_number(*text) : std::nullopt;
    return max ? static_cast<pid_t>(*max) : kPidMaxDefault;
}

}  // namespace reeve::os
