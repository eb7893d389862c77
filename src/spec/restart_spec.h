#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"

namespace reeve::spec {

/// reeve's own rule, the default: at once after good service, else with growing pauses; never dead
/// for good. Its values, with their meaning in core/restart_policy.h.
struct AutoRestart {
    Duration good_service = 10s;  // ready and alive this long: the next restart is at once
    Duration first_pause = 100ms;
    Duration pause_unit = 1s;  // pause k is pause_unit * 2^(k-2), with jitter
    unsigned jitter_percent = 20;
    Duration cap_unstable = 60s;  // never ready, or lived shorter than good_service
    Duration cap_after_service = 10s;
    Duration forget_after = 60s;   // ready this long: all is forgotten
    unsigned crash_loop_ends = 5;  // unstable ends within crash_loop_within: crash-looping
    Duration crash_loop_within = 10min;
    bool restart_after_success = true;  // services: yes; tasks: no
    std::vector<int> no_restart_codes = {78};
    friend bool operator==(const AutoRestart&, const AutoRestart&) = default;
};

enum class DockerMode { No, Always, UnlessStopped, OnFailure };

/// Docker's restart manager: 100 ms, doubling to 60 s; back to 100 ms after a run of 10 s.
/// Source: moby restartmanager.
struct DockerRestart {
    DockerMode mode = DockerMode::OnFailure;
    std::uint32_t retries_max = 10;  // OnFailure only; 0: without limit
    Duration first_pause = 100ms;
    Duration cap = 60s;
    Duration reset_after = 10s;   // a run this long brings the pause back to the first
    Duration forget_after = 60s;  // and health this long the count too (Docker never forgets)
    friend bool operator==(const DockerRestart&, const DockerRestart&) = default;
};

/// Never restarted: tasks that run once.
struct NoRestart {
    friend bool operator==(const NoRestart&, const NoRestart&) = default;
};

/// What happens after a run has ended by itself.
using RestartSpec = std::variant<AutoRestart, DockerRestart, NoRestart>;

/// `auto`, `on-failure:10`, `always`, `no`: as status pages name it.
std::string to_text(const RestartSpec& restart);

/// Docker's and reeve's words: `auto`, `no`, `always`, `unless-stopped`, `on-failure[:N]`.
/// nullopt: none of these.
std::optional<RestartSpec> restart_from_text(const std::string& text);

}  // namespace reeve::spec
