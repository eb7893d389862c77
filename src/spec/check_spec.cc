#include "spec/check_spec.h"

#include "base/check.h"

namespace reeve::spec {
namespace {

std::string port_text(std::uint16_t port) {
    return port == 0 ? "PORT" : std::to_string(port);
}

struct Describe {
    std::string operator()(const CpuProbe&) const { return "cpu"; }
    std::string operator()(const MemoryProbe&) const { return "memory"; }
    std::string operator()(const RunningTimeProbe&) const { return "running time"; }
    std::string operator()(const FileAgeProbe& probe) const { return "age of " + probe.path; }
    std::string operator()(const HttpProbe& probe) const {
        const std::string scheme = probe.scheme == HttpScheme::Http ? "http" : "https";
        return scheme + "://" + probe.host + ":" + port_text(probe.port) + probe.path;
    }
    std::string operator()(const TcpProbe& probe) const {
        return "tcp " + probe.host + ":" + port_text(probe.port);
    }
    std::string operator()(const UnixProbe& probe) const { return "unix " + probe.path; }
    std::string operator()(const ListeningProbe& probe) const {
        return "listening at " + port_text(probe.port);
    }
    std::string operator()(const ExecProbe& probe) const {
        return "exec " + to_text(probe.command);
    }
    std::string operator()(const ZombieProbe&) const { return "zombie"; }
    std::string operator()(const UptimeProbe& probe) const {
        return "uptime " + reeve::to_text(probe.at_least);
    }
    std::string operator()(const WatchdogProbe& probe) const {
        return "watchdog " + reeve::to_text(probe.within);
    }
    std::string operator()(const AlwaysTrueProbe&) const { return "always true"; }
    std::string operator()(const CustomProbe& probe) const { return "custom " + probe.evaluator; }
};

}  // namespace

std::string to_text(const Probe& probe) {
    return std::visit(Describe{}, probe);
}

std::string to_text(CheckRole role) {
    switch (role) {
        case CheckRole::Plain:
            return "plain";
        case CheckRole::Startup:
            return "startup";
        case CheckRole::Readiness:
            return "readiness";
        case CheckRole::Liveness:
            return "liveness";
    }
    CHECK(false);
}

}  // namespace reeve::spec
