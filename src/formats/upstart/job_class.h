#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "spec/event_expr.h"

namespace reeve::formats::upstart {

/// `exec COMMAND` or `script … end script`, as it was written.
struct Process {
    std::string text;
    bool is_script = false;
    friend bool operator==(const Process&, const Process&) = default;
};

/// `env KEY=VALUE`, or `env KEY`: as init has it.
struct Variable {
    std::string name;
    std::optional<std::string> value;
    friend bool operator==(const Variable&, const Variable&) = default;
};

enum class Expect { None, Stop, Daemon, Fork };
enum class Console { None, Log, Output, Owner };

/// How often a job respawns. Zero in either: without limit.
struct RespawnLimit {
    std::uint32_t count = 10;
    std::uint32_t interval_seconds = 5;
    friend bool operator==(const RespawnLimit&, const RespawnLimit&) = default;
};

/// The exits that are no failure.
struct NormalExits {
    std::vector<int> codes;
    std::vector<int> signals;
    friend bool operator==(const NormalExits&, const NormalExits&) = default;
};

/// A limit of setrlimit(2) in its own units; UINT64_MAX: unlimited.
struct Limit {
    std::uint64_t soft = 0;
    std::uint64_t hard = 0;
    friend bool operator==(const Limit&, const Limit&) = default;
};

/// What the files of one job say, stanza by stanza. Nothing set: the dialect's default.
/// Source: upstart init/job_class.h.
struct JobClass {
    std::string name;  // of the file below its directory: `net/apache`

    std::string description;
    std::string author;
    std::string version;
    std::string usage;

    std::optional<spec::EventExpr> start_on;
    std::optional<spec::EventExpr> stop_on;
    bool manual = false;  // said after the last `start on`
    std::vector<std::string> emits;
    std::vector<std::string> exports;
    std::vector<Variable> variables;
    std::string instance;

    std::optional<Process> main;
    std::optional<Process> pre_start;
    std::optional<Process> post_start;
    std::optional<Process> pre_stop;
    std::optional<Process> post_stop;

    Expect expect = Expect::None;
    bool task = false;
    bool respawn = false;
    std::optional<RespawnLimit> respawn_limit;
    NormalExits normal_exits;
    std::optional<std::uint32_t> kill_timeout_seconds;
    std::optional<int> kill_signal;
    std::optional<int> reload_signal;

    std::optional<Console> console;
    std::optional<int> umask;
    std::optional<int> nice;
    std::optional<int> oom_score_adjust;
    std::map<int, Limit> limits;  // by RLIMIT_*
    std::string chroot;
    std::string chdir;
    std::string setuid;
    std::string setgid;
    std::string apparmor_load;
    std::string apparmor_switch;
    std::vector<std::string> cgroups;  // each as it was written
    bool debug = false;

    /// reeve's own, in comments that Upstart passes over: `#: hook timeout 30`.
    std::optional<std::uint32_t> hook_timeout_seconds;
    std::vector<std::string> unknown_settings;  // what else stands behind `#:`

    friend bool operator==(const JobClass&, const JobClass&) = default;
};

/// Where a stanza stands: `respawn limit`, `start on`, `exec`.
struct Mark {
    std::string stanza;
    std::size_t offset = 0;
    friend bool operator==(const Mark&, const Mark&) = default;
};

}  // namespace reeve::formats::upstart
