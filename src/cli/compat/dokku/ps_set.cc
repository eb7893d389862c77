#include <array>

#include "base/text.h"
#include "cli/compat/dokku/live.h"
#include "cli/compat/dokku/properties.h"
#include "cli/compat/dokku/proxied.h"
#include "cli/compat/dokku/ps.h"

// ps:set. What can be changed of running processes is changed at once.
namespace reeve::cli::compat::dokku {
namespace {

constexpr const char* kPolicyKey = "ps/restart-policy";
constexpr std::int64_t kTimeoutMax = 7 * 24 * 3600;

std::string not_a_policy(std::string_view value) {
    constexpr std::string_view kCounted = "on-failure:";
    bool good =
        value == "no" || value == "always" || value == "unless-stopped" || value == "on-failure";
    if (value.starts_with(kCounted)) {
        const auto count = parse_integer(value.substr(kCounted.size()));
        good = count && *count >= 0 && *count <= UINT32_MAX;
    }
    return good ? "" : "Invalid restart-policy specified";
}

std::string not_a_timeout(std::string_view value) {
    const auto seconds = parse_integer(value);
    if (seconds && *seconds >= 0 && *seconds <= kTimeoutMax) return "";
    return "Invalid stop-timeout specified, must be a number of seconds";
}

constexpr std::array kProperties = std::to_array<Property>({
    {"dockerfile-start-cmd", "ps/dockerfile-start-cmd", false, nullptr},
    {"procfile-path", "ps/procfile-path", true, not_a_relative_path},
    {"restart-policy", kPolicyKey, true, not_a_policy},
    {"restore", kRestoreKey, false, not_a_boolean},
    {"skip-deploy", "ps/skip-deploy", true, not_a_boolean},
    {"start-cmd", "ps/start-cmd", false, nullptr},
    {"stop-timeout", kStopTimeoutKey, true, not_a_timeout},
    {"stop-timeout-seconds", kStopTimeoutKey, true, not_a_timeout},
});

/// The rule for its restarts. An app that was loaded from its files keeps reeve's own one until a
/// policy is set.
Result<spec::RestartSpec> restart_of(const Session& session, const std::string& app) {
    std::string policy = TRY(fetch_effective(session, app, kPolicyKey, ""));
    const bool created = !TRY(fetch_value(session, app, "proxy/enabled")).empty();
    if (policy.empty() && created) policy = kDefaultRestartPolicy;
    return spec::restart_from_text(policy).value_or(spec::AutoRestart{});
}

Result<Duration> stop_wait_of(const Session& session, const std::string& app) {
    const std::string text =
        TRY(fetch_effective(session, app, kStopTimeoutKey, kDefaultStopTimeout));
    return Duration(std::chrono::seconds(TRY(parse_integer(text))));
}

/// The processes go on: neither of both needs another one.
Result<void> apply_to(const Session& session, const std::string& app, const std::string& name) {
    const bool is_policy = name == "restart-policy";
    const spec::RestartSpec restart = TRY(restart_of(session, app));
    const Duration wait = TRY(stop_wait_of(session, app));
    return change_running(session, app, [&](spec::Service& service) {
        if (is_policy) {
            service.restart = restart;
        } else if (!service.stop.steps.empty()) {
            service.stop.steps.front().wait = wait;
        }
    });
}

int apply(const Session& session, const std::string& app, const std::string& property) {
    const auto names = apps_meant(session, app);
    if (!names) return fail(session, names.error());
    int worst = kOk;
    for (const std::string& name : *names) {
        const Result<void> applied = apply_to(session, name, property);
        if (!applied) worst = fail(session, applied.error());
    }
    return worst;
}

}  // namespace

int ps_set(Session& session, const Words& words) {
    const bool by_scheduler = session.command.starts_with("scheduler-");
    if (by_scheduler && words.size() > 1 && words[1] != "stop-timeout") {
        return fail("Invalid property specified, valid properties include: stop-timeout");
    }
    const int code = set_property(session, words, kProperties);
    if (code != kOk) return code;
    const bool is_live = words[1] == "restart-policy" || words[1].starts_with("stop-timeout");
    return is_live ? apply(session, words.front(), words[1]) : kOk;
}

}  // namespace reeve::cli::compat::dokku
