#include <algorithm>

#include "base/text.h"
#include "cli/compat/dokku/groups.h"
#include "cli/compat/dokku/proxied.h"
#include "cli/compat/dokku/report.h"
#include "spec/port_map.h"

// domains:add, domains:set and the rest of the group. Source: dokku plugins/domains.
namespace reeve::cli::compat::dokku {
namespace domains_group {

constexpr const char* kKey = "domains/vhosts";
constexpr const char* kEnabled = "domains/enabled";
const std::string kGlobal(api::kGlobalApp);

Words words_in(const std::string& text) {
    Words all;
    for (const std::string_view word : words(text))
        all.emplace_back(word);
    return all;
}

std::string joined(const Words& all) {
    std::string text;
    for (const std::string& word : all)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

/// What the app is served as: its own domains, else its name below those of all apps.
Result<Words> domains_of(const Session& session, const std::string& app) {
    const auto stored = TRY(fetch_records(session.context, app));
    const auto own = stored.records.find(kKey);
    if (own != stored.records.end()) return words_in(own->second);
    Words all;
    if (app == kGlobal) return all;
    for (const std::string& domain : words_in(TRY(fetch_value(session, kGlobal, kKey))))
        all.push_back(app + "." + domain);
    return all;
}

int store(const Session& session, const std::string& app, const Words& domains) {
    const Result<void> stored = store_value(session, app, kKey, joined(domains));
    if (!stored) return fail(session, stored.error());
    return follow_change(session, app);
}

/// The app (or all) and the domains that were typed; or what to end with.
struct Asked {
    std::string app;
    Words domains;
};

std::optional<Asked> read(const Session& session, Words words, bool global, int& code) {
    std::optional<std::string> app = kGlobal;
    if (!global) app = take_app(session, words, code);
    if (!app) return std::nullopt;
    if (words.empty()) {
        code = fail("Please specify a domain name");
        return std::nullopt;
    }
    for (const std::string& domain : words) {
        const Result<void> good = spec::check_domain(domain);
        if (good) continue;
        code = fail(good.error().message);
        return std::nullopt;
    }
    return Asked{*app, words};
}

int add_to(const Session& session, const Words& words, bool global) {
    int code = kOk;
    const auto asked = read(session, words, global, code);
    if (!asked) return code;
    const auto present = domains_of(session, asked->app);
    if (!present) return fail(session, present.error());
    Words all = *present;
    for (const std::string& domain : asked->domains) {
        if (std::find(all.begin(), all.end(), domain) != all.end()) {
            say(domain + " is already defined" + (global ? " globally" : " for " + asked->app) +
                ". Skipping.");
            continue;
        }
        all.push_back(domain);
        say("Added " + domain + (global ? "" : " to " + asked->app));
    }
    return store(session, asked->app, all);
}

int remove_from(const Session& session, const Words& words, bool global) {
    int code = kOk;
    const auto asked = read(session, words, global, code);
    if (!asked) return code;
    const auto present = domains_of(session, asked->app);
    if (!present) return fail(session, present.error());
    Words left = *present;
    for (const std::string& domain : asked->domains) {
        std::erase(left, domain);
        say("Removed " + domain + (global ? "" : " from " + asked->app));
    }
    return store(session, asked->app, left);
}

int set_of(const Session& session, const Words& words, bool global) {
    int code = kOk;
    const auto asked = read(session, words, global, code);
    if (!asked) return code;
    say("Set " + joined(asked->domains) + (global ? "" : " for " + asked->app));
    return store(session, asked->app, asked->domains);
}

int add(Session& session, const Words& words) {
    return add_to(session, words, false);
}
int add_global(Session& session, const Words& words) {
    return add_to(session, words, true);
}
int remove(Session& session, const Words& words) {
    return remove_from(session, words, false);
}
int remove_global(Session& session, const Words& words) {
    return remove_from(session, words, true);
}
int set(Session& session, const Words& words) {
    return set_of(session, words, false);
}
int set_global(Session& session, const Words& words) {
    return set_of(session, words, true);
}

int clear_of(const Session& session, const std::string& app) {
    const Result<void> stored = store_value(session, app, kKey, std::nullopt);
    if (!stored) return fail(session, stored.error());
    say("Cleared domains" + (app == kGlobal ? "" : " in " + app));
    return follow_change(session, app);
}

int clear(Session& session, const Words& words) {
    int code = kOk;
    Words rest = words;
    const auto app = take_app(session, rest, code);
    return app ? clear_of(session, *app) : code;
}

int clear_global(Session& session, const Words&) {
    return clear_of(session, kGlobal);
}

/// Without domains, nginx answers to every name on the ports of the app.
int switch_domains(Session& session, const Words& words, bool enabled) {
    int code = kOk;
    Words rest = words;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    std::optional<std::string> value;
    if (!enabled) value = "false";
    const Result<void> stored = store_value(session, *app, kEnabled, value);
    if (!stored) return fail(session, stored.error());
    say((enabled ? "Enabled domains for " : "Disabled domains for ") + *app);
    return follow_change(session, *app);
}

int enable(Session& session, const Words& words) {
    return switch_domains(session, words, true);
}

int disable(Session& session, const Words& words) {
    return switch_domains(session, words, false);
}

int report(Session& session, const Words& words) {
    return report_apps(
        session, words, "domains",
        [](const Session& asking, const std::string& app) -> Result<std::vector<ReportLine>> {
            const std::string global = TRY(fetch_value(asking, kGlobal, kKey));
            std::vector<ReportLine> lines = {
                {"--domains-global-enabled", global.empty() ? "false" : "true"},
                {"--domains-global-vhosts", global}};
            if (app == kGlobal) return lines;
            const Words own = TRY(domains_of(asking, app));
            const bool disabled = TRY(fetch_value(asking, app, kEnabled)) == "false";
            lines.push_back({"--domains-app-enabled", disabled ? "false" : "true"});
            lines.push_back({"--domains-app-vhosts", joined(own)});
            return lines;
        });
}

constexpr DokkuCommand kCommands[] = {
    {"domains:add", "<app> <domain> [<domain> ...]", "Add domains to app", add},
    {"domains:add-global", "<domain> [<domain> ...]", "Add global domain names", add_global},
    {"domains:clear", "<app>", "Clear all domains for app", clear},
    {"domains:clear-global", "", "Clear global domain names", clear_global},
    {"domains:disable", "<app>", "Disable domains for app", disable},
    {"domains:enable", "<app>", "Enable domains for app", enable},
    {"domains:remove", "<app> <domain> [<domain> ...]", "Remove domains from app", remove},
    {"domains:remove-global", "<domain> [<domain> ...]", "Remove global domain names",
     remove_global},
    {"domains:report", "[<app>|--global] [<flag>]",
     "Displays a domains report for one or more apps", report},
    {"domains:set", "<app> <domain> [<domain> ...]", "Set domains for app", set},
    {"domains:set-global", "<domain> [<domain> ...]", "Set global domain names", set_global},
};

}  // namespace domains_group

const Group kDomains{"domains", "Manage domains used by the proxy", domains_group::kCommands, true};

}  // namespace reeve::cli::compat::dokku
