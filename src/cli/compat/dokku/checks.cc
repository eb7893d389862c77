#include <algorithm>
#include <array>

#include "base/text.h"
#include "cli/compat/dokku/checks_run.h"
#include "cli/compat/dokku/groups.h"
#include "cli/compat/dokku/live.h"
#include "cli/compat/dokku/properties.h"
#include "cli/compat/dokku/proxied.h"
#include "cli/compat/dokku/ps.h"
#include "cli/compat/dokku/report.h"

// checks:enable, checks:disable, checks:skip and the rest of the group. Source: dokku
// plugins/checks.
namespace reeve::cli::compat::dokku {
namespace checks_group {

constexpr const char* kDisabledKey = "checks/disabled";
constexpr const char* kSkippedKey = "checks/skipped";
constexpr const char* kRetireKey = "checks/wait-to-retire";
constexpr const char* kDefaultRetire = "60";
constexpr const char* kAll = "_all_";
constexpr const char* kNone = "none";

/// The types of a list; `_all_` is one of them.
Words types_in(const std::string& list) {
    Words types;
    for (const std::string_view type : split(list, ',')) {
        if (!type.empty() && type != kNone) types.emplace_back(type);
    }
    return types;
}

std::string list_of(const Words& types) {
    std::string list;
    for (const std::string& type : types)
        list += (list.empty() ? "" : ",") + type;
    return list.empty() ? kNone : list;
}

/// `present` with `types` added (their order is kept), or without them.
Words with(Words present, const Words& types, bool added) {
    if (types.empty()) return added ? Words{kAll} : Words{};
    for (const std::string& type : types) {
        std::erase(present, type);
        std::erase(present, kAll);
    }
    if (added) present.insert(present.end(), types.begin(), types.end());
    return present;
}

bool names(const Words& list, const std::string& type) {
    return std::any_of(list.begin(), list.end(),
                       [&](const std::string& one) { return one == type || one == kAll; });
}

/// Of a running app, the order of its next replacements changes at once.
Result<void> apply(const Session& session, const std::string& app, const Words& disabled) {
    return change_running(session, app, [&](spec::Service& service) {
        // What overlaps at all is what has a port of its own.
        if (!service.wants_port) return;
        service.rollout.order = names(disabled, service.name) ? spec::ReplaceOrder::StopFirst
                                                              : spec::ReplaceOrder::StartFirst;
    });
}

enum class Act { Enable, Disable, Skip };

int change(Session& session, Words words, Act act) {
    int code = kOk;
    const auto app = take_app(session, words, code);
    if (!app) return code;
    const Words types = words.empty() ? Words() : types_in(words.front());
    const auto records = fetch_records(session.context, *app);
    if (!records) return fail(session, records.error());
    const auto list = [&](const char* key) {
        const auto found = records->records.find(key);
        return types_in(found == records->records.end() ? "" : found->second);
    };
    const Words disabled = with(list(kDisabledKey), types, act == Act::Disable);
    const Words skipped = with(list(kSkippedKey), types, act == Act::Skip);
    const std::string what = types.empty() ? std::string() : " (" + list_of(types) + ")";
    if (act == Act::Enable) say("Enabling zero downtime for app" + what);
    if (act == Act::Disable) say("Disabling zero downtime for app" + what);
    if (act == Act::Skip) say("Skipping zero downtime checks for app" + what);
    api::StoreChange stored;
    stored.app = *app;
    stored.entries = {{kDisabledKey, list_of(disabled)}, {kSkippedKey, list_of(skipped)}};
    const Result<void> changed = change_store(session.context, stored);
    if (!changed) return fail(session, changed.error());
    const Result<void> applied = apply(session, *app, disabled);
    return applied ? kOk : fail(session, applied.error());
}

int enable(Session& session, const Words& words) {
    return change(session, words, Act::Enable);
}

int disable(Session& session, const Words& words) {
    return change(session, words, Act::Disable);
}

int skip(Session& session, const Words& words) {
    return change(session, words, Act::Skip);
}

/// What is replaced from now on takes the new time.
Result<void> apply_retire(const Session& session, const std::string& app) {
    const std::string text = TRY(fetch_effective(session, app, kRetireKey, kDefaultRetire));
    const Duration wait = std::chrono::seconds(TRY(parse_integer(text)));
    return change_running(session, app,
                          [&](spec::Service& service) { service.rollout.retire_wait = wait; });
}

std::string not_a_time(std::string_view value) {
    constexpr std::int64_t kSecondsMax = std::int64_t{24} * 3600;
    const auto seconds = parse_integer(value);
    if (seconds && *seconds >= 0 && *seconds <= kSecondsMax) return "";
    return "Invalid wait-to-retire specified, must be a number of seconds";
}

constexpr std::array kProperties = std::to_array<Property>({
    {"wait-to-retire", kRetireKey, true, not_a_time},
});

int set(Session& session, const Words& words) {
    if (words.size() > 1 && words[1] != "wait-to-retire") {
        return fail("Invalid key specified, valid keys include: wait-to-retire");
    }
    const int code = set_property(session, words, kProperties);
    if (code != kOk) return code;
    const auto names = apps_meant(session, words.front());
    if (!names) return fail(session, names.error());
    int worst = kOk;
    for (const std::string& name : *names) {
        const Result<void> applied = apply_retire(session, name);
        if (!applied) worst = fail(session, applied.error());
    }
    return worst;
}

int report(Session& session, const Words& words) {
    return report_apps(
        session, words, "checks",
        [](const Session& asking, const std::string& app) -> Result<std::vector<ReportLine>> {
            const std::string global =
                TRY(fetch_value(asking, std::string(api::kGlobalApp), kRetireKey));
            const std::string computed =
                TRY(fetch_effective(asking, app, kRetireKey, kDefaultRetire));
            std::vector<ReportLine> lines = {{"--checks-global-wait-to-retire", global},
                                             {"--checks-computed-wait-to-retire", computed}};
            if (app == api::kGlobalApp) return lines;
            const auto list = [](const std::string& value) {
                return value.empty() ? kNone : value;
            };
            lines.push_back(
                {"--checks-disabled-list", list(TRY(fetch_value(asking, app, kDisabledKey)))});
            lines.push_back(
                {"--checks-skipped-list", list(TRY(fetch_value(asking, app, kSkippedKey)))});
            lines.push_back({"--checks-wait-to-retire", TRY(fetch_value(asking, app, kRetireKey))});
            return lines;
        });
}

constexpr DokkuCommand kCommands[] = {
    {"checks:disable", "<app> [process-type(s)]",
     "Disable zero-downtime deployment for all processes (or comma-separated process-type list)",
     disable},
    {"checks:enable", "<app> [process-type(s)]",
     "Enable zero-downtime deployment for all processes (or comma-separated process-type list)",
     enable},
    {"checks:report", "[<app>|--global] [<flag>]", "Displays a checks report for one or more apps",
     report},
    {"checks:run", "<app> [process-type(s)]", "Runs checks against instances", checks_run},
    {"checks:set", "<app>|--global <key> <value>", "Set or clear a checks property for an app",
     set},
    {"checks:skip", "<app> [process-type(s)]",
     "Skip zero-downtime checks for all processes (or comma-separated process-type list)", skip},
};

}  // namespace checks_group

const Group kChecks{"checks", "Manage zero-downtime settings", checks_group::kCommands, true};

}  // namespace reeve::cli::compat::dokku
