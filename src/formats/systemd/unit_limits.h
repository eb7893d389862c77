#pragma once

#include <string>
#include <vector>

#include "spec/limits.h"
#include "spec/service.h"

namespace reeve::formats::systemd {

/// `LimitNOFILE=…`: what setrlimit(2) sets, as lines of a unit without their ends.
/// Source: systemd.exec(5), "Process Properties".
std::vector<std::string> limit_lines(const std::vector<spec::ResourceLimit>& limits);

/// `MemoryMax=…`: what a cgroup limits. Source: systemd.resource-control(5).
std::vector<std::string> group_limit_lines(const spec::GroupLimits& limits);

}  // namespace reeve::formats::systemd
