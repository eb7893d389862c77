#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "spec/command.h"

// What is looked at while an instance runs, and what follows from it.
//
// A check takes one sample at a time of its instance: a number that is compared, an answer that is
// judged. Samples that failed fill a window; when enough of them are in it the check fires.
namespace reeve::spec {

/// Whose processor time or memory is measured.
enum class Measured {
    Process,      // the main process only
    Descendants,  // and its children, and theirs
    Run           // everything in the run's cgroup, daemonised processes included
};

enum class CpuMeasure {
    Lifetime,  // processor time of the whole life by its length (`ps` pcpu; Bluepill)
    Recent     // since the sample before
};

/// Passes while the use of processors is below a limit; 100 % is one processor.
/// Source: bluepill lib/bluepill/process_conditions/cpu_usage.rb.
struct CpuProbe {
    std::uint32_t below_percent_hundredths = 10'000;
    CpuMeasure measure = CpuMeasure::Recent;
    Measured of = Measured::Descendants;
    friend bool operator==(const CpuProbe&, const CpuProbe&) = default;
};

/// Passes while the resident memory is below a limit.
/// Source: bluepill lib/bluepill/process_conditions/mem_usage.rb.
struct MemoryProbe {
    std::uint64_t below_bytes = 0;
    Measured of = Measured::Descendants;
    friend bool operator==(const MemoryProbe&, const MemoryProbe&) = default;
};

/// Passes until the main process has lived this long.
/// Source: bluepill lib/bluepill/process_conditions/running_time.rb.
struct RunningTimeProbe {
    Duration below{};
    friend bool operator==(const RunningTimeProbe&, const RunningTimeProbe&) = default;
};

/// Passes while the file was changed less than this long ago; fails where there is none.
/// Source: bluepill lib/bluepill/process_conditions/file_time.rb.
struct FileAgeProbe {
    std::string path;  // absolute
    Duration below{};
    friend bool operator==(const FileAgeProbe&, const FileAgeProbe&) = default;
};

struct HttpHeader {
    std::string name;
    std::string value;
    friend bool operator==(const HttpHeader&, const HttpHeader&) = default;
};

/// Status codes from first to last.
struct HttpStatusRange {
    std::uint32_t first = 200;
    std::uint32_t last = 299;
    friend bool operator==(const HttpStatusRange&, const HttpStatusRange&) = default;
};

/// How an HTTP check speaks.
enum class HttpScheme {
    Http,
    Https,           // with a certificate that the machine trusts
    HttpsUnverified  // with any certificate
};

/// The body has this text in it.
struct BodyContains {
    std::string text;
    friend bool operator==(const BodyContains&, const BodyContains&) = default;
};

/// The body matches this regular expression somewhere.
struct BodyMatches {
    std::string pattern;  // of PCRE2
    bool ignore_case = false;
    friend bool operator==(const BodyMatches&, const BodyMatches&) = default;
};

/// Passes when a GET is answered with an expected status and body in time.
struct HttpProbe {
    HttpScheme scheme = HttpScheme::Http;
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;           // 0: the instance's PORT
    std::string path = "/";           // with its query
    std::vector<HttpHeader> headers;  // a `Host` here takes the place of host and port
    std::vector<HttpStatusRange> expected = {{200, 299}};
    std::optional<std::variant<BodyContains, BodyMatches>> body;
    std::uint32_t redirects_max = 0;  // followed on the same host; 0: judged as they are
    friend bool operator==(const HttpProbe&, const HttpProbe&) = default;
};

/// Passes when a connection is accepted.
struct TcpProbe {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;  // 0: the instance's PORT
    friend bool operator==(const TcpProbe&, const TcpProbe&) = default;
};

/// Passes when a connection to a unix socket is accepted.
struct UnixProbe {
    std::string path;
    friend bool operator==(const UnixProbe&, const UnixProbe&) = default;
};

/// Passes when a process of the run itself listens at a TCP port.
struct ListeningProbe {
    std::uint16_t port = 0;        // 0: the instance's PORT
    bool beyond_loopback = false;  // listening on loopback addresses only is not enough
    friend bool operator==(const ListeningProbe&, const ListeningProbe&) = default;
};

/// Passes when a command exits with code 0. Run as the service's user, in its directory, with its
/// environment; its last output is told when it fails.
struct ExecProbe {
    Command command;
    friend bool operator==(const ExecProbe&, const ExecProbe&) = default;
};

/// Passes while the main process is no zombie.
/// Source: bluepill lib/bluepill/process_conditions/zombie_process.rb.
struct ZombieProbe {
    friend bool operator==(const ZombieProbe&, const ZombieProbe&) = default;
};

/// Passes once the run has lived this long. For the startup role; it takes no samples.
struct UptimeProbe {
    Duration at_least{};
    friend bool operator==(const UptimeProbe&, const UptimeProbe&) = default;
};

/// Passes while the run says WATCHDOG=1 at its notify socket at least this often. It takes no
/// samples; it fires once the time is over. Source: sd_notify(3), systemd's WatchdogSec=.
struct WatchdogProbe {
    Duration within{};
    friend bool operator==(const WatchdogProbe&, const WatchdogProbe&) = default;
};

/// Passes always. Source: bluepill lib/bluepill/process_conditions/always_true.rb.
struct AlwaysTrueProbe {
    friend bool operator==(const AlwaysTrueProbe&, const AlwaysTrueProbe&) = default;
};

/// Judged by a program outside reeve (a Bluepill condition class): value and verdict come from it.
struct CustomProbe {
    std::string evaluator;   // which program
    std::string definition;  // its own business: what to judge, with which settings
    Measured of = Measured::Process;
    friend bool operator==(const CustomProbe&, const CustomProbe&) = default;
};

/// Where a check's samples come from, and which of them pass.
using Probe = std::variant<CpuProbe, MemoryProbe, RunningTimeProbe, FileAgeProbe, HttpProbe,
                           TcpProbe, UnixProbe, ListeningProbe, ExecProbe, ZombieProbe, UptimeProbe,
                           WatchdogProbe, AlwaysTrueProbe, CustomProbe>;

/// What a check has a say in.
enum class CheckRole {
    Plain,      // its steps, and nothing else; looked at while the instance is ready
    Startup,    // from exec until it passes once: the instance is not ready before; when it fires
                // the start has failed
    Readiness,  // no traffic while it fails; looked at while the instance is ready
    Liveness    // when it fires the instance is restarted, after its steps
};

/// Tells operators, and nothing else.
struct CheckNotify {
    friend bool operator==(const CheckNotify&, const CheckNotify&) = default;
};
struct CheckRestart {
    friend bool operator==(const CheckRestart&, const CheckRestart&) = default;
};
/// As if an operator had stopped it.
struct CheckStop {
    friend bool operator==(const CheckStop&, const CheckStop&) = default;
};
/// As if an operator had started it: one that runs is left alone.
struct CheckStart {
    friend bool operator==(const CheckStart&, const CheckStart&) = default;
};
struct CheckSignal {
    int signal = 0;
    friend bool operator==(const CheckSignal&, const CheckSignal&) = default;
};
struct CheckUnmonitor {
    friend bool operator==(const CheckUnmonitor&, const CheckUnmonitor&) = default;
};
/// Runs a command beside the instance, as a hook is run; its end changes nothing.
struct CheckExec {
    Command command;
    friend bool operator==(const CheckExec&, const CheckExec&) = default;
};

using CheckAction = std::variant<CheckNotify, CheckRestart, CheckStop, CheckStart, CheckSignal,
                                 CheckUnmonitor, CheckExec>;

/// One thing to do when a check fires.
struct CheckStep {
    CheckAction action;
    /// Done from this firing on, counted since a sample passed: first a notice, then a signal,
    /// then a restart.
    std::uint32_t from_firing = 1;
    friend bool operator==(const CheckStep&, const CheckStep&) = default;
};

/// `failures` of the latest `of` samples make a check fire; the window need not be full.
/// Source: bluepill lib/bluepill/condition_watch.rb, `:times`.
struct CheckTimes {
    std::uint32_t failures = 1;
    std::uint32_t of = 1;
    friend bool operator==(const CheckTimes&, const CheckTimes&) = default;
};

/// One thing that is looked at again and again.
struct Check {
    std::string name;  // unique in its service
    Probe probe;
    CheckRole role = CheckRole::Plain;
    Duration initial_delay{};  // after exec (Startup) or after ready, before the first sample
    /// Between two samples: from asking to asking, for Startup from the answer to asking.
    Duration every = 10s;
    Duration timeout = 5s;  // of a sample that somebody else must answer; then it has failed
    /// `attempts = n` of a startup check are {n, n}: a start has failed after n failures in a row.
    CheckTimes times;
    /// In this order, until one changes the instance's state. Startup and Readiness: besides what
    /// their role does.
    std::vector<CheckStep> steps;
    bool warn_only = false;  // it is shown and told, and nothing else follows
    friend bool operator==(const Check&, const Check&) = default;
};

/// `http /health`, `memory`, `tcp port 5432`: what a check looks at, for status pages.
std::string to_text(const Probe& probe);

/// `startup`, `plain`.
std::string to_text(CheckRole role);

/// Most checks of one service, most samples in a window.
inline constexpr std::size_t kChecksMax = 64;
inline constexpr std::uint32_t kCheckWindowMax = 100;

}  // namespace reeve::spec
