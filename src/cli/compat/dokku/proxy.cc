#include <algorithm>
#include <array>

#include "base/text.h"
#include "cli/compat/dokku/flags.h"
#include "cli/compat/dokku/groups.h"
#include "cli/compat/dokku/properties.h"
#include "cli/compat/dokku/proxied.h"
#include "cli/compat/dokku/report.h"
#include "cli/compat/dokku/several.h"
#include "cli/proxy_client.h"

// proxy:enable, proxy:build-config and the rest of the group. Source: dokku plugins/proxy.
namespace reeve::cli::compat::dokku {
namespace proxy_group {

constexpr const char* kEnabled = "proxy/enabled";

int build_config(Session& session, const Words& words) {
    return for_each_app(session, words, "build-config",
                        [](Session& asking, const std::string& app) {
                            return change_proxy(asking.context, app, api::ProxyAct::Build);
                        });
}

int clear_config(Session& session, const Words& words) {
    return for_each_app(session, words, "clear-config",
                        [](Session& asking, const std::string& app) {
                            return change_proxy(asking.context, app, api::ProxyAct::Clear);
                        });
}

Result<void> enable_app(Session& session, const std::string& app) {
    if (TRY(fetch_proxy(session.context, app)).enabled) {
        return Error{"proxying for app is already enabled"};
    }
    say_unless_quiet(session, "Enabling proxy for app");
    TRY(store_value(session, app, kEnabled, "true"));
    return change_proxy(session.context, app, api::ProxyAct::Build);
}

Result<void> disable_app(Session& session, const std::string& app) {
    if (!TRY(fetch_proxy(session.context, app)).enabled) {
        return Error{"proxying for app is already disabled"};
    }
    say_unless_quiet(session, "Disabling proxy for app");
    TRY(store_value(session, app, kEnabled, "false"));
    return change_proxy(session.context, app, api::ProxyAct::Clear);
}

int enable(Session& session, const Words& words) {
    return for_each_app(session, words, "enable", enable_app);
}

int disable(Session& session, const Words& words) {
    return for_each_app(session, words, "disable", disable_app);
}

std::string not_a_port(std::string_view value) {
    const auto port = parse_integer(value);
    return port && *port >= 1 && *port <= 65'535 ? "" : "Invalid port specified";
}

std::string not_nginx(std::string_view value) {
    return value == "nginx" ? "" : "nginx is the only proxy here";
}

std::string no_tls(std::string_view) {
    return "TLS ends in front of reeve: there is no port for it";
}

constexpr std::array kProperties = std::to_array<Property>({
    {"proxy-port", "proxy/proxy-port", true, not_a_port},
    {"proxy-ssl-port", "proxy/proxy-ssl-port", true, no_tls},
    {"type", "proxy/type", true, not_nginx},
});

int set(Session& session, const Words& words) {
    // Dokku's older form names the type alone: `proxy:set APP nginx`.
    Words typed = words;
    if (typed.size() == 2 && typed[1] == "nginx") typed.insert(typed.begin() + 1, "type");
    const int code = set_property(session, typed, kProperties);
    return code == kOk ? follow_change(session, typed.front()) : code;
}

int report(Session& session, const Words& words) {
    return report_apps(
        session, words, "proxy",
        [](const Session& asking, const std::string& app) -> Result<std::vector<ReportLine>> {
            const std::string global =
                TRY(fetch_value(asking, std::string(api::kGlobalApp), "proxy/proxy-port"));
            std::vector<ReportLine> lines = {{"--proxy-global-proxy-port", global},
                                             {"--proxy-global-type", "nginx"}};
            if (app == api::kGlobalApp) return lines;
            const api::ProxyView view = TRY(fetch_proxy(asking.context, app));
            lines.push_back({"--proxy-enabled", view.enabled ? "true" : "false"});
            lines.push_back({"--proxy-type", "nginx"});
            lines.push_back({"--proxy-computed-type", "nginx"});
            lines.push_back(
                {"--proxy-proxy-port", TRY(fetch_value(asking, app, "proxy/proxy-port"))});
            lines.push_back({"--proxy-computed-proxy-port",
                             TRY(fetch_effective(asking, app, "proxy/proxy-port", "80"))});
            lines.push_back({"--proxy-problem", view.problem});
            return lines;
        });
}

constexpr DokkuCommand kCommands[] = {
    {"proxy:build-config", "[--parallel count] [--all|<app>]", "(Re)builds config for a given app",
     build_config},
    {"proxy:clear-config", "[--all|<app>]", "Clears config for a given app", clear_config},
    {"proxy:disable", "[--parallel count] [--all|<app>]", "Disable proxy for app", disable},
    {"proxy:enable", "[--parallel count] [--all|<app>]", "Enable proxy for app", enable},
    {"proxy:report", "[<app>|--global] [<flag>]", "Displays a proxy report for one or more apps",
     report},
    {"proxy:set", "<app>|--global <key> [<value>]", "Set or clear a proxy property for an app",
     set},
};

}  // namespace proxy_group

const Group kProxy{"proxy", "Manage the proxy integration for an app", proxy_group::kCommands,
                   true};

}  // namespace reeve::cli::compat::dokku
