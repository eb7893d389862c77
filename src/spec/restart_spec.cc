#include "spec/restart_spec.h"

#include <limits>
#include <string_view>

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
    return "no";
}

std::optional<RestartSpec> restart_from_text(const std::string& text) {
    if (text == "auto") return AutoRestart{};
    if (text == "no") return DockerRestart{DockerMode::No, 0};
    if (text == "always") return DockerRestart{DockerMode::Always, 0};
    if (text == "unless-stopped") return DockerRestart{DockerMode::UnlessStopped, 0};
    return on_failure_from_text(text);
}

}  // namespace reeve::spec
