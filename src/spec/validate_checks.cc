#include "spec/validate_checks.h"

#include <set>
#include <string>
#include <string_view>

#include "spec/validate_process.h"

// The part of `validate` that is about checks and limits.
namespace reeve::spec {
namespace {

constexpr Duration kShortestPause = 100ms;   // between two samples
constexpr std::size_t kTextBytesMax = 4096;  // of a path, a pattern, a header
constexpr std::size_t kDefinitionBytesMax = 64 * 1024;
constexpr std::size_t kHeadersMax = 64;
constexpr std::size_t kStatusRangesMax = 32;
constexpr std::size_t kStepsMax = 16;
constexpr std::uint32_t kRedirectsMax = 10;
constexpr std::uint32_t kCpuWeightMax = 10'000;
constexpr std::uint64_t kSmallestMemory = 64 * 1024;

bool is_token(std::string_view text) {
    constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
    if (text.empty()) return false;
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool digit = c >= '0' && c <= '9';
        if (!letter && !digit && kOthers.find(c) == std::string_view::npos) return false;
    }
    return true;
}

bool has_blank(std::string_view text) {
    return text.find_first_of(" \t") != std::string_view::npos;
}

// The objections to what one check samples, by its kind.
class ProbeCheck {
public:
    ProbeCheck(const Check& check, std::string subject, bool wants_port, Objections& objections)
        : check_(check),
          subject_(std::move(subject)),
          wants_port_(wants_port),
          objections_(objections) {}

    void operator()(const CpuProbe&) {}
    void operator()(const MemoryProbe&) {}
    void operator()(const RunningTimeProbe& probe) { require_wait(probe.below, "time"); }
    void operator()(const FileAgeProbe& probe) {
        require_path(probe.path);
        require_wait(probe.below, "age");
    }
    void operator()(const HttpProbe& probe) {
        require_host(probe.host);
        require_port(probe.port);
        require(probe.path.starts_with('/'), "has a path that does not begin with \"/\"");
        require(!has_control(probe.path) && !has_blank(probe.path),
                "has a path with a blank or a control character");
        require_short(probe.path, "path");
        require(probe.headers.size() <= kHeadersMax, "has more than 64 headers");
        for (const HttpHeader& header : probe.headers) {
            require(is_token(header.name), "has a header with a bad name");
            require(!has_control(header.value), "has a header with a control character");
            require_short(header.value, "header");
        }
        require(!probe.expected.empty() && probe.expected.size() <= kStatusRangesMax,
                "needs 1 to 32 expected statuses");
        for (const HttpStatusRange& range : probe.expected) {
            require(range.first >= 100 && range.last <= 599 && range.first <= range.last,
                    "expects a status that does not exist");
        }
        require(probe.redirects_max <= kRedirectsMax, "follows more than 10 redirections");
        if (probe.body) std::visit(*this, *probe.body);
    }
    void operator()(const BodyContains& body) { require_short(body.text, "text"); }
    void operator()(const BodyMatches& body) {
        require(!body.pattern.empty(), "has an empty pattern");
        require_short(body.pattern, "pattern");
    }
    void operator()(const TcpProbe& probe) {
        require_host(probe.host);
        require_port(probe.port);
    }
    void operator()(const UnixProbe& probe) {
        require_path(probe.path);
        require(probe.path.size() < 108, "has a socket path of more than 107 bytes");
    }
    void operator()(const ListeningProbe& probe) { require_port(probe.port); }
    void operator()(const ExecProbe& probe) {
        check_command(probe.command, "the command of " + subject_, objections_);
    }
    void operator()(const ZombieProbe&) {}
    void operator()(const UptimeProbe& probe) {
        require_wait(probe.at_least, "uptime");
        require(check_.role == CheckRole::Startup, "is about uptime, which is a startup check");
    }
    void operator()(const WatchdogProbe& probe) {
        require_wait(probe.within, "watchdog time");
        require(probe.within >= kShortestPause, "has a watchdog time below 100 ms");
        require(check_.role == CheckRole::Liveness || check_.role == CheckRole::Plain,
                "is a watchdog, which is a liveness check");
    }
    void operator()(const AlwaysTrueProbe&) {}
    void operator()(const CustomProbe& probe) {
        require(!probe.evaluator.empty(), "names no evaluator");
        require(!has_control(probe.evaluator), "has a control character in its evaluator");
        require(probe.definition.size() <= kDefinitionBytesMax, "is defined by more than 64 KiB");
    }

private:
    void require(bool fine, std::string_view objection) {
        objections_.require(fine, subject_ + " " + std::string(objection));
    }
    void require_wait(Duration wait, std::string_view what) {
        objections_.require_wait(wait, "the " + std::string(what) + " of " + subject_);
    }
    void require_short(std::string_view text, std::string_view what) {
        require(text.size() <= kTextBytesMax,
                "has a " + std::string(what) + " of more than 4096 bytes");
        require(!has_nul(text), "has a " + std::string(what) + " with a NUL byte");
    }
    void require_path(std::string_view path) {
        require(path.starts_with('/'), "has a path that is not absolute");
        require_short(path, "path");
    }
    void require_host(std::string_view host) {
        require(!host.empty() && host.size() <= 253, "has no host, or a host of over 253 bytes");
        require(!has_control(host) && !has_blank(host), "has a host with a blank in it");
    }
    void require_port(std::uint16_t port) {
        require(port != 0 || wants_port_, "asks at PORT, but the service gets no port");
    }

    const Check& check_;
    std::string subject_;
    bool wants_port_;
    Objections& objections_;
};

void check_steps(const Check& check, const std::string& subject, Objections& objections) {
    objections.require(check.steps.size() <= kStepsMax, subject + " has more than 16 steps");
    for (const CheckStep& step : check.steps) {
        objections.require(step.from_firing >= 1, subject + " has a step of a firing before 1");
        if (const auto* signal = std::get_if<CheckSignal>(&step.action)) {
            objections.require(is_sendable(signal->signal), subject + " sends signal " +
                                                                std::to_string(signal->signal) +
                                                                ", which does not exist");
        } else if (const auto* exec = std::get_if<CheckExec>(&step.action)) {
            check_command(exec->command, "the command of a step of " + subject, objections);
        }
    }
}

}  // namespace

void check_checks(const std::vector<Check>& checks, bool wants_port, Objections& objections) {
    objections.require(checks.size() <= kChecksMax, "more than 64 checks");
    std::set<std::string_view> names;
    for (const Check& check : checks) {
        const std::string subject = "check \"" + check.name + "\"";
        objections.require(!check.name.empty() && check.name.size() <= 120,
                           "a check has no name, or a name of more than 120 bytes");
        objections.require(!has_control(check.name),
                           "the name of a check contains a control character");
        objections.require(names.insert(check.name).second, subject + " is there twice");
        objections.require_wait(check.initial_delay, "the initial delay of " + subject);
        objections.require(check.every >= kShortestPause, subject + " is due more than 10 times/s");
        objections.require_wait(check.every, "the pause of " + subject);
        objections.require(check.timeout > 0ns, subject + " has no time for an answer");
        objections.require_wait(check.timeout, "the timeout of " + subject);
        const CheckTimes& times = check.times;
        objections.require(
            times.failures >= 1 && times.failures <= times.of && times.of <= kCheckWindowMax,
            subject + " needs 1 to 100 samples, and no more failures than samples");
        std::visit(ProbeCheck(check, subject, wants_port, objections), check.probe);
        check_steps(check, subject, objections);
    }
}

void check_group_limits(const GroupLimits& limits, Objections& objections) {
    for (const auto& bytes : {limits.memory_max_bytes, limits.memory_high_bytes}) {
        objections.require(!bytes || *bytes >= kSmallestMemory, "a memory limit is below 64 KiB");
    }
    objections.require(!limits.cpu_percent_hundredths || *limits.cpu_percent_hundredths >= 100,
                       "the CPU limit is below 1 %");
    objections.require(
        !limits.cpu_weight || (*limits.cpu_weight >= 1 && *limits.cpu_weight <= kCpuWeightMax),
        "the CPU weight must be between 1 and 10,000");
    objections.require(!limits.processes_max || *limits.processes_max >= 1,
                       "the limit of processes must be at least 1");
}

}  // namespace reeve::spec
