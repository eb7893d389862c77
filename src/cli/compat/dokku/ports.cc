#include <algorithm>

#include "base/text.h"
#include "cli/compat/dokku/groups.h"
#include "cli/compat/dokku/proxied.h"
#include "cli/compat/dokku/report.h"
#include "spec/port_map.h"

// ports:add, ports:list and the rest of the group. Source: dokku plugins/ports.
namespace reeve::cli::compat::dokku {
namespace ports_group {

constexpr const char* kKey = "ports/map";

Words words_in(const std::string& text) {
    Words all;
    for (const std::string_view word : words(text))
        all.emplace_back(word);
    return all;
}

/// The maps that were given to the app.
Result<std::vector<spec::PortMap>> maps_of(const Session& session, const std::string& app) {
    return spec::parse_port_maps(words_in(TRY(fetch_value(session, app, kKey))));
}

/// Stores them, and has the proxy follow.
int store(const Session& session, const std::string& app, const std::vector<spec::PortMap>& maps) {
    const std::string text = spec::to_text(maps);
    const Result<void> stored =
        store_value(session, app, kKey, text.empty() ? std::nullopt : std::optional(text));
    if (!stored) return fail(session, stored.error());
    return follow_change(session, app);
}

int list(Session& session, const Words& words) {
    int code = kOk;
    Words rest = words;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    const auto maps = maps_of(session, *app);
    if (!maps) return fail(session, maps.error());
    if (maps->empty()) return fail("No port mappings configured for app");
    say_unless_quiet(session, "Port mappings for " + *app);
    if (!session.quiet) say_plain("    -----> scheme  host port  container port");
    std::vector<spec::PortMap> sorted = *maps;
    std::sort(sorted.begin(), sorted.end());
    for (const spec::PortMap& map : sorted) {
        std::string scheme = map.scheme;
        std::string port = std::to_string(map.host_port);
        scheme.resize(std::max<std::size_t>(scheme.size(), 13), ' ');
        port.resize(std::max<std::size_t>(port.size(), 9), ' ');
        say_plain("    " + scheme + "  " + port + "  " + std::to_string(map.container_port));
    }
    return kOk;
}

/// What add and set have in common: the app, and the maps that were typed.
struct Asked {
    std::string app;
    Words words;
    std::vector<spec::PortMap> maps;
};

std::optional<Asked> read(const Session& session, Words words, int& code) {
    const auto app = take_app(session, words, code);
    if (!app) return std::nullopt;
    if (words.empty()) {
        code = fail("No port mapping specified");
        return std::nullopt;
    }
    auto maps = spec::parse_port_maps(words);
    if (!maps) {
        code = fail(maps.error().message);
        return std::nullopt;
    }
    return Asked{*app, words, std::move(*maps)};
}

int add(Session& session, const Words& words) {
    int code = kOk;
    const auto asked = read(session, words, code);
    if (!asked) return code;
    const auto present = maps_of(session, asked->app);
    if (!present) return fail(session, present.error());
    Words all;
    for (const spec::PortMap& map : *present)
        all.push_back(spec::to_text(map));
    all.insert(all.end(), asked->words.begin(), asked->words.end());
    const auto maps = spec::parse_port_maps(all);
    if (!maps) return fail(maps.error().message);
    return store(session, asked->app, *maps);
}

int set(Session& session, const Words& words) {
    int code = kOk;
    const auto asked = read(session, words, code);
    return asked ? store(session, asked->app, asked->maps) : code;
}

int remove(Session& session, const Words& words) {
    int code = kOk;
    Words rest = words;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    if (rest.empty()) return fail("No port mapping specified");
    const auto present = maps_of(session, *app);
    if (!present) return fail(session, present.error());
    const auto left = spec::without_ports(*present, rest);
    if (!left) return fail(left.error().message);
    return store(session, *app, *left);
}

int clear(Session& session, const Words& words) {
    int code = kOk;
    Words rest = words;
    const auto app = take_app(session, rest, code);
    return app ? store(session, *app, {}) : code;
}

int report(Session& session, const Words& words) {
    return report_apps(
        session, words, "ports",
        [](const Session& asking, const std::string& app) -> Result<std::vector<ReportLine>> {
            const std::string map = TRY(fetch_value(asking, app, kKey));
            const std::string detected = TRY(fetch_effective(
                asking, app, "proxy/proxy-port", std::to_string(spec::kDefaultHostPort)));
            return std::vector<ReportLine>{
                {"--ports-map", map},
                {"--ports-map-detected",
                 "http:" + detected + ":" + std::to_string(spec::kDefaultContainerPort)}};
        });
}

constexpr DokkuCommand kCommands[] = {
    {"ports:add", "<app> <scheme>:<host-port>:<container-port>...", "Add port mappings to an app",
     add},
    {"ports:clear", "<app>", "Clear all port mappings for an app", clear},
    {"ports:list", "<app>", "List port mappings for app", list},
    {"ports:remove", "<app> <host-port>|<scheme>:<host-port>:<container-port>...",
     "Remove specific port mappings from an app", remove},
    {"ports:report", "[<app>] [<flag>]", "Displays a ports report for one or more apps", report},
    {"ports:set", "<app> <scheme>:<host-port>:<container-port>...", "Set port mappings for an app",
     set},
};

}  // namespace ports_group

const Group kPorts{"ports", "Manage ports for an app", ports_group::kCommands, true};

}  // namespace reeve::cli::compat::dokku
