#include <algorithm>
#include <array>
#include <set>

#include "cli/compat/dokku/flags.h"
#include "cli/compat/dokku/groups.h"
#include "cli/compat/dokku/proxied.h"
#include "cli/compat/dokku/report.h"

// resource:limit, resource:reserve and the rest of the group. They take effect at the next deploy
// or restart. Source: dokku plugins/resource.
namespace reeve::cli::compat::dokku {
namespace resource_group {

constexpr std::array<const char*, 7> kResources = {
    "--cpu",     "--memory",          "--memory-swap",    "--nvidia-gpu",
    "--network", "--network-ingress", "--network-egress",
};
constexpr std::string_view kDefault = "_default_";
constexpr std::string_view kArea = "resource/";

std::string key_of(const std::string& type, std::string_view kind, std::string_view flag) {
    return std::string(kArea) + type + "." + std::string(kind) + "." + std::string(flag.substr(2));
}

bool is_size(std::string_view value) {
    const std::size_t digits = value.find_first_not_of("0123456789");
    if (digits == 0 || value.empty()) return false;
    if (digits == std::string_view::npos) return true;
    std::string unit(value.substr(digits));
    for (char& c : unit)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    constexpr std::array<std::string_view, 7> kUnits = {"b", "k", "kb", "m", "mb", "g", "gb"};
    return std::find(kUnits.begin(), kUnits.end(), unit) != kUnits.end();
}

/// Why a value cannot be taken; empty: it can. What has no effect is not looked at.
std::string objection_to(std::string_view flag, std::string_view value) {
    if (value == "clear" || value.empty()) return "";
    const std::string start = "Invalid value for " + std::string(flag.substr(2)) + ": ";
    if (flag == "--cpu" && value.find_first_not_of("0123456789.") != std::string_view::npos) {
        return start + std::string(value) + " is no number of processors, like 2 or 0.5";
    }
    const bool is_memory = flag == "--memory" || (flag == "--memory-swap" && value != "-1");
    if (is_memory && !is_size(value)) {
        return start + std::string(value) + " is no size, like 512 (MB), 512m or 2g";
    }
    return "";
}

int show(const Session& session, const std::string& app, const std::string& type,
         std::string_view kind) {
    const auto stored = fetch_records(session.context, app);
    if (!stored) return fail(session, stored.error());
    const std::string shown = type == kDefault ? "default" : type;
    say_heading_unless_quiet(
        session, "resource " + std::string(kind) + "s " + app + " information [" + shown + "]");
    for (const char* flag : kResources) {
        const auto value = stored->records.find(key_of(type, kind, flag));
        std::string title = std::string(flag).substr(2) + ":";
        if (value != stored->records.end()) title.resize(20, ' ');
        say_verbose(title + (value == stored->records.end() ? "" : value->second));
    }
    return kOk;
}

int change(Session& session, const Words& words, std::string_view kind, bool clear) {
    FlagSet set{{}, {"--process-type"}, true};
    for (const char* flag : kResources)
        set.texts.emplace_back(flag);
    const auto parsed = parse_flags(set, words);
    if (!parsed) return warn(parsed.error().message), kUsage;
    Words rest = parsed->words;
    int code = kOk;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    const std::string type = parsed->text("--process-type").value_or(std::string(kDefault));
    api::StoreChange store;
    store.app = *app;
    for (const char* flag : kResources) {
        const auto value = parsed->text(flag);
        if (!clear && !value) continue;
        const std::string objection = clear ? "" : objection_to(flag, *value);
        if (!objection.empty()) return fail(objection);
        const bool unset = clear || *value == "clear";
        store.entries.push_back({key_of(type, kind, flag), std::nullopt});
        if (!unset) store.entries.back().value = *value;
    }
    if (store.entries.empty()) return show(session, *app, type, kind);
    const Result<void> changed = change_store(session.context, store);
    if (!changed) return fail(session, changed.error());
    const std::string what = std::string(kind) + "s for " + *app;
    say(clear ? "Clearing " + what : "Setting resource " + what);
    if (clear) return kOk;
    for (const char* flag : kResources) {
        if (const auto value = parsed->text(flag)) {
            say_verbose(std::string(flag).substr(2) + ": " + *value);
        }
    }
    return kOk;
}

int limit(Session& session, const Words& words) {
    return change(session, words, "limit", false);
}
int limit_clear(Session& session, const Words& words) {
    return change(session, words, "limit", true);
}
int reserve(Session& session, const Words& words) {
    return change(session, words, "reserve", false);
}
int reserve_clear(Session& session, const Words& words) {
    return change(session, words, "reserve", true);
}

/// Source: dokku plugins/resource report: `--resource-_default_.limit.memory`.
int report(Session& session, const Words& words) {
    return report_apps(
        session, words, "resource",
        [](const Session& asking, const std::string& app) -> Result<std::vector<ReportLine>> {
            const api::Records records = TRY(fetch_records(asking.context, app)).records;
            std::set<std::string> types = {std::string(kDefault)};
            for (const auto& [key, value] : records) {
                if (!key.starts_with(kArea)) continue;
                types.insert(key.substr(kArea.size(), key.find('.') - kArea.size()));
            }
            std::vector<ReportLine> lines;
            for (const std::string& type : types) {
                for (const char* kind : {"limit", "reserve"}) {
                    for (const char* flag : kResources) {
                        const std::string key = key_of(type, kind, flag);
                        const auto value = records.find(key);
                        const bool unset = value == records.end();
                        // Dokku lists of each type what was set, and of all types everything.
                        if (unset && type != kDefault) continue;
                        lines.push_back(
                            {"--resource-" + key.substr(kArea.size()), unset ? "" : value->second});
                    }
                }
            }
            return lines;
        });
}

constexpr DokkuCommand kCommands[] = {
    {"resource:limit", "[--process-type <type>] [--cpu N] [--memory N] … <app>",
     "Limit resources for an app, from its next deploy or restart on", limit},
    {"resource:limit-clear", "[--process-type <type>] <app>", "Clear the limits of an app",
     limit_clear},
    {"resource:report", "[<app>] [<flag>]", "Displays a resource report for one or more apps",
     report},
    {"resource:reserve", "[--process-type <type>] [--cpu N] [--memory N] … <app>",
     "Reserve resources for an app, from its next deploy or restart on", reserve},
    {"resource:reserve-clear", "[--process-type <type>] <app>", "Clear the reservations of an app",
     reserve_clear},
};

}  // namespace resource_group

const Group kResource{"resource", "Manage resource settings for an app", resource_group::kCommands,
                      false};

}  // namespace reeve::cli::compat::dokku
