#include <algorithm>
#include <vector>

#include "cli/compat/dokku/groups.h"
#include "cli/compat/dokku/properties.h"
#include "cli/compat/dokku/proxied.h"
#include "cli/compat/dokku/report.h"
#include "cli/proxy_client.h"
#include "formats/nginx/site.h"

// nginx:show-config, nginx:set and the rest of the group. Source: dokku plugins/nginx-vhosts.
namespace reeve::cli::compat::dokku {
namespace nginx_group {

std::string not_for_nginx(std::string_view value) {
    const Result<void> fits = formats::nginx::check_value(value);
    return fits ? "" : fits.error().message;
}

/// Every property of the group, in the order of their names. `keys` owns what they point into.
std::vector<Property> properties_in(const std::vector<std::string>& names,
                                    std::vector<std::string>& keys) {
    for (const std::string& name : names)
        keys.push_back("nginx/" + name);
    std::vector<Property> all;
    for (std::size_t i = 0; i < names.size(); ++i) {
        std::string (*objection)(std::string_view) = not_for_nginx;
        if (names[i] == "disable-custom-config") objection = not_a_boolean;
        if (names[i] == "nginx-conf-sigil-path") objection = not_a_relative_path;
        all.push_back({names[i], keys[i], true, objection});
    }
    return all;
}

std::vector<std::string> property_names() {
    std::vector<std::string> names = formats::nginx::setting_names();
    for (const char* name : {"access-log-path", "bind-address-ipv4", "bind-address-ipv6",
                             "disable-custom-config", "error-log-path", "nginx-conf-sigil-path"})
        names.emplace_back(name);
    std::sort(names.begin(), names.end());
    return names;
}

int set(Session& session, const Words& words) {
    const std::vector<std::string> names = property_names();
    std::vector<std::string> keys;
    const std::vector<Property> properties = properties_in(names, keys);
    const int code = set_property(session, words, properties);
    return code == kOk ? follow_change(session, words.front()) : code;
}

int show_config(Session& session, const Words& words) {
    int code = kOk;
    Words rest = words;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    const auto view = fetch_proxy(session.context, *app);
    if (!view) return fail(session, view.error());
    if (view->config.empty()) return fail("No nginx.conf exists for " + *app);
    print(view->config);
    return kOk;
}

int validate_config(Session& session, const Words& words) {
    if (words.empty()) return follow_change(session, std::string(api::kGlobalApp));
    int code = kOk;
    Words rest = words;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    const Result<void> built = change_proxy(session.context, *app, api::ProxyAct::Build);
    return built ? kOk : fail(built.error().message);
}

int report(Session& session, const Words& words) {
    return report_apps(
        session, words, "nginx",
        [](const Session& asking, const std::string& app) -> Result<std::vector<ReportLine>> {
            const std::string global(api::kGlobalApp);
            const api::Records own = TRY(fetch_records(asking.context, app)).records;
            const api::Records all = TRY(fetch_records(asking.context, global)).records;
            const auto value_in = [](const api::Records& records, const std::string& key) {
                const auto found = records.find(key);
                return found == records.end() ? std::string() : found->second;
            };
            std::vector<ReportLine> lines;
            for (const std::string& name : property_names()) {
                const std::string raw = value_in(own, "nginx/" + name);
                const std::string shared = value_in(all, "nginx/" + name);
                std::string computed = raw.empty() ? shared : raw;
                if (computed.empty()) computed = formats::nginx::setting_default(name).value_or("");
                if (app != global) lines.push_back({"--nginx-" + name, raw});
                lines.push_back({"--nginx-global-" + name, shared});
                lines.push_back({"--nginx-computed-" + name, computed});
            }
            return lines;
        });
}

constexpr DokkuCommand kCommands[] = {
    {"nginx:report", "[<app>|--global] [<flag>]", "Displays a nginx report for one or more apps",
     report},
    {"nginx:set", "<app>|--global <property> [<value>]",
     "Set or clear an nginx property for an app", set},
    {"nginx:show-config", "<app>", "Display app nginx config", show_config},
    {"nginx:validate-config", "[<app>]", "Validates and reloads the nginx config", validate_config},
};

}  // namespace nginx_group

const Group kNginx{"nginx", "Manage the nginx proxy", nginx_group::kCommands, true};

}  // namespace reeve::cli::compat::dokku
