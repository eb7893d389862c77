#include "spec/restart_spec.h"

#include <limits>
#include <string_view>

#include "base/check.h"
#include "base/text.h"

namespace reeve::spec {
namespace {

constexpr std::string_view kOnFailure = "on-failure";

std::string docker_text(const DockerRestart& restart) {
    switch (restart.mode) {
        case DockerMode::No:
            return "no";
        case DockerMode::Always:
            return "always";
        case DockerMode::UnlessStopped:
            return "unless-stopped";
        case DockerMode::OnFailure:
            break;
    }
    std::string text(kOnFailure);
    if (restart.retries_max > 0) text += ":" + std::to_string(restart.retries_max);
    return text;
}

std::string upstart_text(const UpstartRestart& restart) {
    if (!restart.respawn) return "upstart:no";
    if (restart.limit == 0 || restart.interval == Duration{}) return "upstart:unlimited";
    return "upstart:" + std::to_string(restart.limit) + "/" + reeve::to_text(restart.interval);
}

std::string systemd_text(SystemdMode mode) {
    switch (mode) {
        case SystemdMode::No:
            return "systemd:no";
        case SystemdMode::OnSuccess:
            return "systemd:on-success";
        case SystemdMode::OnFailure:
            return "systemd:on-failure";
        case SystemdMode::OnAbnormal:
            return "systemd:on-abnormal";
        case SystemdMode::OnAbort:
            return "systemd:on-abort";
        case SystemdMode::Always:
            return "systemd:always";
    }
    CHECK(false);
}

std::string supervisord_text(SupervisordMode mode) {
    switch (mode) {
        case SupervisordMode::Never:
            return "supervisord:never";
        case SupervisordMode::Unexpected:
            return "supervisord:unexpected";
        case SupervisordMode::Always:
            return "supervisord:always";
    }
    CHECK(false);
}

std::optional<RestartSpec> on_failure_from_text(std::string_view text) {
    if (text == kOnFailure) return DockerRestart{DockerMode::OnFailure, 0};
    if (!text.starts_with(kOnFailure) || text[kOnFailure.size()] != ':') return std::nullopt;
    const Result<std::int64_t> retries = parse_integer(text.substr(kOnFailure.size() + 1));
    if (!retries || *retries < 0 || *retries > std::numeric_limits<std::uint32_t>::max()) {
        return std::nullopt;
    }
    return DockerRestart{DockerMode::OnFailure, static_cast<std::uint32_t>(*retries)};
}

}  // namespace

std::string to_text(const RestartSpec& restart) {
    if (std::holds_alternative<AutoRestart>(restart)) return "auto";
    if (const auto* docker = std::get_if<DockerRestart>(&restart)) return docker_text(*docker);
    if (const auto* upstart = std::get_if<UpstartRestart>(&restart)) return upstart_text(*upstart);
    if (const auto* systemd = std::get_if<SystemdRestart>(&restart)) {
        return systemd_text(systemd->mode);
    }
    if (const auto* supervisord = std::get_if<SupervisordRestart>(&restart)) {
        return supervisord_text(supervisord->mode);
    }
    if (std::holds_alternative<BluepillRestart>(restart)) return "bluepill";
    return "no";
}

std::optional<RestartSpec> restart_from_text(const std::string& text) {
    if (text == "auto") return AutoRestart{};
    if (text == "no") return DockerRestart{DockerMode::No, 0};
    if (text == "always") return DockerRestart{DockerMode::Always, 0};
    if (text == "unless-stopped") return DockerRestart{DockerMode::UnlessStopped, 0};
    if (text == "upstart") return UpstartRestart{};
    if (text == "systemd") return SystemdRestart{};
    if (text == "supervisord") return SupervisordRestart{};
    if (text == "bluepill") return BluepillRestart{};
    return on_failure_from_text(text);
}

}  // namespace reeve::spec
