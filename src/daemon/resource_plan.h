#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/store_request.h"
#include "spec/limits.h"

namespace reeve::daemon {

/// `512`, `512m`, `2g`, `1048576b`: a bare number is megabytes; nullopt: it is none.
/// Source: dokku plugins/resource, docker's --memory.
std::optional<std::uint64_t> parse_memory(std::string_view text);

/// `1.5` processors in hundredths of a percent; nullopt: it is none.
std::optional<std::uint32_t> parse_cpus(std::string_view text);

/// The limits of a process type out of an app's records `resource/TYPE.limit.memory` and the like:
/// what is said of the type goes before what is said of `_default_`.
spec::GroupLimits plan_limits(const api::Records& records, const std::string& type);

}  // namespace reeve::daemon
