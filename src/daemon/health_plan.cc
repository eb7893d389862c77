#include "daemon/health_plan.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace reeve::daemon {
namespace {

using formats::appjson::HealthCheck;

constexpr Duration kDefaultUptime = 10s;
/// How long a `web` may take until its port accepts connections, unless its checks say.
constexpr Duration kPortPatience = 30s;
/// Source: Go's HTTP client, which follows ten; fewer are enough for a health page.
constexpr std::uint32_t kRedirectsMax = 5;

spec::Probe probe_of(const HealthCheck& check) {
    const auto port = static_cast<std::uint16_t>(check.port.value_or(0));
    if (!check.command.empty()) return spec::ExecProbe{spec::DirectCommand{check.command}};
    if (check.uptime) return spec::UptimeProbe{*check.uptime};
    if (check.listening) return spec::ListeningProbe{port, false};
    spec::HttpProbe http;
    if (check.scheme == "https") http.scheme = spec::HttpScheme::HttpsUnverified;
    http.port = port;
    http.path = check.path.starts_with("/") ? check.path : "/" + check.path;
    for (const auto& [name, value] : check.headers)
        http.headers.push_back({name, value});
    http.redirects_max = kRedirectsMax;
    if (!check.content.empty()) http.body = spec::BodyContains{check.content};
    return http;
}

spec::CheckRole role_of(formats::appjson::CheckRole role) {
    switch (role) {
        case formats::appjson::CheckRole::Startup:
            return spec::CheckRole::Startup;
        case formats::appjson::CheckRole::Readiness:
            return spec::CheckRole::Readiness;
        case formats::appjson::CheckRole::Liveness:
            return spec::CheckRole::Liveness;
    }
    return spec::CheckRole::Startup;
}

spec::Check to_check(const HealthCheck& from) {
    spec::Check check;
    check.name = from.name;
    check.probe = probe_of(from);
    check.role = role_of(from.role);
    check.initial_delay = from.initial_delay;
    check.every = std::max(from.wait, Duration(1s));
    check.timeout = std::max(from.timeout, Duration(1s));
    const std::uint32_t attempts = std::clamp<std::uint32_t>(from.attempts, 1, 100);
    // An uptime is no matter of attempts.
    check.times = from.uptime ? spec::CheckTimes{1, 1} : spec::CheckTimes{attempts, attempts};
    check.warn_only = from.warn_only;
    if (!from.failure_command.empty()) {
        check.steps.push_back({spec::CheckExec{spec::DirectCommand{from.failure_command}}, 1});
    } else if (!from.failure_url.empty()) {
        const std::string body = "{\"check\":\"" + from.name + "\"}";
        check.steps.push_back(
            {spec::CheckExec{spec::DirectCommand{{"curl", "-fsS", "-m", "10", "-X", "POST", "-H",
                                                  "Content-Type: application/json", "-d", body,
                                                  "--", from.failure_url}}},
             1});
    }
    return check;
}

/// An uptime can only be looked at while something starts.
bool is_possible(const HealthCheck& check) {
    return !check.uptime || check.role == formats::appjson::CheckRole::Startup;
}

/// All attempts of the startup checks that ask the app something; the longest of them.
Duration port_patience(const std::vector<HealthCheck>& healthchecks) {
    Duration longest{};
    for (const HealthCheck& check : healthchecks) {
        const bool asks = check.role == formats::appjson::CheckRole::Startup && !check.uptime;
        if (!asks) continue;
        longest =
            std::max(longest, check.initial_delay + check.attempts * (check.timeout + check.wait));
    }
    return longest > Duration{} ? longest : kPortPatience;
}

}  // namespace

bool names_type(const std::string& list, const std::string& type) {
    if (list == "_all_") return true;
    const std::vector<std::string_view> types = split(list, ',');
    return std::any_of(types.begin(), types.end(),
                       [&](std::string_view one) { return trim(one) == type; });
}

void add_health(spec::Service& service, ChecksMode mode,
                const std::vector<HealthCheck>& healthchecks) {
    const bool is_web = service.name == "web";
    service.rollout.order = mode == ChecksMode::Disabled ? spec::ReplaceOrder::StopFirst
                                                         : spec::ReplaceOrder::StartFirst;
    service.readiness = spec::ReadyOnSpawn{};
    if (mode != ChecksMode::Enabled) return;
    if (is_web) {
        service.readiness = spec::ReadyOnPort{port_patience(healthchecks), spec::NotReady::Fail};
    }
    bool any_startup = false;
    for (const HealthCheck& check : healthchecks) {
        if (!is_possible(check)) continue;
        if (check.uptime && !is_web) {
            service.readiness = spec::ReadyAfter{*check.uptime};
            any_startup = true;
            continue;
        }
        any_startup = any_startup || check.role == formats::appjson::CheckRole::Startup;
        service.checks.push_back(to_check(check));
    }
    if (any_startup) return;
    if (!is_web) {
        service.readiness = spec::ReadyAfter{kDefaultUptime};
        return;
    }
    spec::Check uptime;
    uptime.name = "default";
    uptime.role = spec::CheckRole::Startup;
    uptime.probe = spec::UptimeProbe{kDefaultUptime};
    service.checks.push_back(std::move(uptime));
}

}  // namespace reeve::daemon
