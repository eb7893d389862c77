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

/// Upstart's `respawn`: at once, until more than `limit` respawns fall into one fixed window.
/// Source: upstart init/job_process.c.
struct UpstartRestart {
    bool respawn = true;  // false: no `respawn` stanza
    bool task = false;    // code 0 is the end of a task, and respawns a service
    std::uint32_t limit = 10;
    Duration interval = 5s;  // zero in either: without limit
    std::vector<int> normal_codes;
    std::vector<int> normal_signals;
    friend bool operator==(const UpstartRestart&, const UpstartRestart&) = default;
};

enum class SystemdMode { No, OnSuccess, OnFailure, OnAbnormal, OnAbort, Always };

/// systemd's `Restart=` with its limit of starts and its growing pauses.
/// Source: systemd.service(5), systemd.unit(5).
struct SystemdRestart {
    SystemdMode mode = SystemdMode::OnFailure;
    Duration pause = 100ms;  // RestartSec
    std::uint32_t start_limit_burst = 5;
    Duration start_limit_interval = 10s;  // zero in either: without limit
    std::uint32_t steps = 0;              // RestartSteps; zero: the pause does not grow
    Duration pause_max{};                 // RestartMaxDelaySec; zero: the pause does not grow
    friend bool operator==(const SystemdRestart&, const SystemdRestart&) = default;
};

enum class SupervisordMode { Never, Unexpected, Always };

/// supervisord's: an end before start_seconds is retried after 1 s, 2 s, … and then FATAL; a later
/// one is restarted at once. Source: supervisor/process.py.
struct SupervisordRestart {
    SupervisordMode mode = SupervisordMode::Unexpected;  // autorestart
    Duration start_seconds = 1s;
    std::uint32_t retries_max = 3;
    std::vector<int> expected_codes = {0};
    Duration pause{};  // after a run that had started; its main loop's, where start_seconds is zero
    friend bool operator==(const SupervisordRestart&, const SupervisordRestart&) = default;
};

/// Bluepill's trigger `:flapping`. Source: bluepill lib/bluepill/triggers/flapping.rb.
struct Flapping {
    std::uint32_t times = 5;
    Duration within = 1s;
    Duration retry_in = 5s;  // zero: never again
    friend bool operator==(const Flapping&, const Flapping&) = default;
};

/// Bluepill's: whatever the end was, started again a tick after it was noticed, and it is noticed
/// after the grace of the start only. Source: bluepill lib/bluepill/process.rb.
struct BluepillRestart {
    Duration tick = 1s;
    Duration start_grace = 3s;
    std::optional<Flapping> flapping;
    friend bool operator==(const BluepillRestart&, const BluepillRestart&) = default;
};

/// Never restarted: tasks that run once.
struct NoRestart {
    friend bool operator==(const NoRestart&, const NoRestart&) = default;
};

/// What happens after a run has ended by itself.
using RestartSpec = std::variant<AutoRestart, DockerRestart, NoRestart, UpstartRestart,
                                 SystemdRestart, SupervisordRestart, BluepillRestart>;

/// `auto`, `on-failure:10`, `always`, `no`, `upstart:10/5s`, `systemd:on-failure`,
/// `supervisord:unexpected`, `bluepill`: as status pages name it.
std::string to_text(const RestartSpec& restart);

/// Docker's and reeve's words: `auto`, `no`, `always`, `unless-stopped`, `on-failure[:N]`; and the
/// names of other supervisors for their defaults: `upstart`, `systemd`, `supervisord`, `bluepill`.
/// nullopt: none of these.
std::optional<RestartSpec> restart_from_text(const std::string& text);

}  // namespace reeve::spec
