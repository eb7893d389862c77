#pragma once

#include <signal.h>
#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/rare.h"
#include "base/time.h"
#include "spec/check_spec.h"
#include "spec/children_spec.h"
#include "spec/command.h"
#include "spec/job_spec.h"
#include "spec/limits.h"
#include "spec/need.h"
#include "spec/readiness_spec.h"
#include "spec/restart_spec.h"
#include "spec/stdio_spec.h"
#include "spec/stop_spec.h"
#include "spec/tracking_spec.h"

namespace reeve::spec {

/// Variables by name. A child's environment starts empty and is built from these (engine.md, §1).
using Environment = std::map<std::string, std::string>;

/// What a failing hook means.
enum class HookFailure { Ignore, FailStart };

/// A command beside the main process, run to its end at one moment of an instance's life.
struct Hook {
    Command command;
    Duration timeout = 60s;  // then SIGKILL to the hook; zero: no limit
    HookFailure on_failure = HookFailure::FailStart;
    friend bool operator==(const Hook&, const Hook&) = default;
};

/// A failing post_start, pre_stop or post_stop never stops what it accompanies.
struct Hooks {
    Rare<Hook> pre_start;
    Rare<Hook> post_start;
    Rare<Hook> pre_stop;
    Rare<Hook> post_stop;
    friend bool operator==(const Hooks&, const Hooks&) = default;
};

/// A limit of setrlimit(2): raw units.
struct ResourceLimit {
    int resource = 0;  // RLIMIT_*
    std::uint64_t soft = 0;
    std::uint64_t hard = 0;  // UINT64_MAX: unlimited, for both
    friend bool operator==(const ResourceLimit&, const ResourceLimit&) = default;
};

/// Who a process runs as. Empty user: the app's (engine.md, §1, "As whom").
struct Credentials {
    std::string user;
    std::string group;  // empty: the user's
    std::vector<std::string> supplementary_groups;
    friend bool operator==(const Credentials&, const Credentials&) = default;
};

/// What a process finds in its environment before the app's and the service's variables.
enum class EnvironmentBase {
    Login,   // PATH, HOME, USER … of its user, and reeve's names for it: DYNO, PS, REEVE_*
    Home,    // HOME, where a user is named (Bluepill: the rest is the loader's, in the spec)
    Nothing  // the spec's variables only (Upstart)
};

/// A command that brings a new process into the place of the running one by itself.
/// Source: bluepill `restart_command`, `restart_grace_time`.
struct RestartCommand {
    Command command;        // `{{PID}}` in it stands for the main process
    Duration timeout = 3s;  // for the command, and then SIGKILL to it
    friend bool operator==(const RestartCommand&, const RestartCommand&) = default;
};

/// How a restart of a running instance goes about it.
enum class ReplaceOrder {
    StopFirst,  // the old one has gone before the new one starts
    StartFirst  // old and new overlap: the new one is ready before the old one is stopped
};

/// How a restart or a roll-out goes through the instances of a service.
struct RolloutSpec {
    ReplaceOrder order = ReplaceOrder::StopFirst;
    std::uint32_t max_unavailable = 1;  // instances replaced at the same time
    Duration drain = 0s;                // StartFirst: pause between ready and stop of the old one
    /// How long a proxy of reeve's may take, at most, to let go of what was replaced or taken away,
    /// before `drain` begins. Zero: nobody is waited for.
    Duration proxy_wait = 0s;
    /// What was replaced or taken away may go on for so long after its first stop signal; then it
    /// is stopped as any other. Source: dokku checks `wait-to-retire`.
    Duration retire_wait = 0s;
    friend bool operator==(const RolloutSpec&, const RolloutSpec&) = default;
};

/// What becomes of running processes whose service is taken out of the configuration, or unloaded.
enum class OnRemove {
    Stop,
    Release  // they run on by themselves, and are found again by their pid file (Bluepill)
};

/// When a service that runs takes up a changed definition.
enum class OnChange {
    Replace,   // at once, by a roll-out
    NextStart  // when it is started or restarted for another reason (Bluepill)
};

/// Which commands to its whole group go on to the next process only when this one has done them.
/// Source: bluepill `group_start_noblock = false` and its like.
struct GroupTurns {
    bool start = false;
    bool stop = false;
    bool restart = false;
    friend bool operator==(const GroupTurns&, const GroupTurns&) = default;
};

/// Where people see a service among the others of its app.
struct Listing {
    std::string group;           // empty: none
    std::uint32_t position = 0;  // in the file that it was read from
    GroupTurns waits;
    friend bool operator==(const Listing&, const Listing&) = default;
};

/// One kind of process of an app: a Procfile type, a Bluepill process, an Upstart job.
struct Service {
    std::string name;
    Listing listing;
    Command command;
    std::string working_dir;  // inside `chroot`, if there is one
    bool sets_pwd = false;    // PWD is the working directory exactly as it is written here
    std::string chroot;       // absolute; users are looked up inside; empty: none
    EnvironmentBase environment_base = EnvironmentBase::Login;
    Environment environment;  // on top of the app's
    Credentials credentials;
    std::optional<mode_t> umask;
    std::optional<int> nice;
    std::optional<int> oom_score_adjust;
    std::vector<ResourceLimit> limits;
    bool ignores_hangup = false;  // SIGHUP is ignored at the start (Bluepill)
    StdioSpec stdio;
    LogSpec log;
    GroupLimits group_limits;

    TrackingSpec tracking;
    Rare<ChildrenSpec> monitor_children;
    /// Instances wanted when nothing else was said (`reeve scale` overrides it).
    std::uint32_t instances = 1;
    /// Each instance gets a PORT of its own from reeve (two, where old and new overlap).
    bool wants_port = false;
    /// Started when its app is loaded, and after a reboot.
    bool auto_start = true;

    Hooks hooks;
    ReadinessSpec readiness;
    std::vector<Check> checks;
    /// Ready before this one is started; a cycle of needs is refused.
    std::vector<Need> needs;
    StopSpec stop;
    RestartSpec restart;
    Rare<RestartCommand> restart_command;
    int reload_signal = SIGHUP;  // of `reload`, to the main process only; 0: none is sent
    RolloutSpec rollout;
    OnChange on_change = OnChange::Replace;
    OnRemove on_remove = OnRemove::Stop;
    /// Longest time between clone and exec; past it the instance is shown as stuck.
    Duration spawn_timeout = 5s;
    /// Set: events start and stop it. None: it is wanted as long as its app is loaded.
    Rare<JobSpec> job;

    friend bool operator==(const Service&, const Service&) = default;
};

/// Most instances of one service.
inline constexpr std::uint32_t kInstancesMax = 10'000;

}  // namespace reeve::spec
