#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "spec/need.h"
#include "spec/service.h"

namespace reeve::daemon {

/// What an app's links ask for before one of its processes is started.
struct LinkPlan {
    std::vector<spec::Need> needs;  // other apps and services of reeve
    Rare<spec::Hook> before_start;  // what is not under reeve
};

/// Reads the words of `links:add`: `APP`, `APP/SERVICE` (a job of Upstart is one), `systemd:UNIT`,
/// `tcp:HOST:PORT`. A unit is started, an address is waited for; the start fails with the name of
/// what does not come.
LinkPlan plan_links(std::string_view links);

}  // namespace reeve::daemon
