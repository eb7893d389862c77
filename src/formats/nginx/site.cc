#include "formats/nginx/site.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"

namespace reeve::formats::nginx {
namespace {

/// What stands in the configuration of every app, unless a property says otherwise.
/// Source: dokku plugins/nginx-vhosts.
struct Setting {
    std::string_view property;
    std::string_view directive;
    std::string_view value;  // empty: nginx's own
    bool in_location = false;
};

constexpr std::array kSettings = std::to_array<Setting>({
    {"client-body-timeout", "client_body_timeout", "60s"},
    {"client-header-timeout", "client_header_timeout", "60s"},
    {"client-max-body-size", "client_max_body_size", "1m"},
    {"keepalive-timeout", "keepalive_timeout", "75s"},
    {"lingering-timeout", "lingering_timeout", "5s"},
    {"proxy-buffer-size", "proxy_buffer_size", "", true},
    {"proxy-buffering", "proxy_buffering", "on", true},
    {"proxy-buffers", "proxy_buffers", "", true},
    {"proxy-busy-buffers-size", "proxy_busy_buffers_size", "", true},
    {"proxy-connect-timeout", "proxy_connect_timeout", "60s", true},
    {"proxy-read-timeout", "proxy_read_timeout", "60s", true},
    {"proxy-send-timeout", "proxy_send_timeout", "60s", true},
    {"send-timeout", "send_timeout", "60s"},
    {"underscore-in-headers", "underscores_in_headers", "off"},
    {"x-forwarded-for-value", "proxy_set_header X-Forwarded-For", "$remote_addr", true},
    {"x-forwarded-port-value", "proxy_set_header X-Forwarded-Port", "$server_port", true},
    {"x-forwarded-proto-value", "proxy_set_header X-Forwarded-Proto", "$scheme", true},
});

constexpr std::size_t kValueMax = 1024;

constexpr std::string_view kCompression =
    "    gzip on;\n"
    "    gzip_min_length 1100;\n"
    "    gzip_buffers 4 32k;\n"
    "    gzip_types text/css text/javascript text/xml text/plain text/x-component\n"
    "               application/javascript application/x-javascript application/json\n"
    "               application/xml application/rss+xml font/truetype application/x-font-ttf\n"
    "               font/opentype application/vnd.ms-fontobject image/svg+xml;\n"
    "    gzip_vary on;\n"
    "    gzip_comp_level 6;\n";

constexpr std::string_view kForwarding =
    "    proxy_http_version 1.1;\n"
    "    proxy_next_upstream error timeout;\n"
    "    proxy_set_header Upgrade $http_upgrade;\n"
    "    proxy_set_header Connection $http_connection;\n"
    "    proxy_set_header Host $http_host;\n"
    "    proxy_set_header X-Request-Start $msec;\n";

std::string upstream_name(const Site& site, const spec::PortMap& map) {
    return site.app + "-" + std::to_string(map.container_port);
}

std::string settings_text(const Site& site, bool in_location) {
    std::string text;
    for (const Setting& setting : kSettings) {
        if (setting.in_location != in_location) continue;
        const auto given = site.settings.find(std::string(setting.property));
        const std::string value =
            given == site.settings.end() ? std::string(setting.value) : given->second;
        if (value.empty()) continue;
        text +=
            (in_location ? "    " : "  ") + std::string(setting.directive) + " " + value + ";\n";
    }
    return text;
}

std::string listen_text(const Site& site, int port) {
    const std::string number = std::to_string(port);
    const std::string ipv4 = site.address_ipv4.empty() ? number : site.address_ipv4 + ":" + number;
    std::string text = "  listen " + ipv4 + ";\n";
    if (site.address_ipv6 == "none") return text;
    const std::string ipv6 = site.address_ipv6.empty() ? "::" : site.address_ipv6;
    return text + "  listen [" + ipv6 + "]:" + number + ";\n";
}

std::string server_text(const Site& site, const spec::PortMap& map, bool has_web) {
    std::string text = "\nserver {\n" + listen_text(site, map.host_port) + "  server_name";
    if (site.any_name) {
        text += " _";
    } else {
        for (const std::string& domain : site.domains)
            text += " " + domain;
    }
    text += ";\n  access_log " + site.access_log + ";\n";
    // A port that nothing listens on at the moment is no error, and is logged as one.
    text += "  error_log " + site.error_log + " crit;\n" + settings_text(site, false);
    if (!has_web) return text + "\n  location / {\n    return 502;\n  }\n}\n";
    text += "\n  location / {\n" + std::string(kCompression);
    text += "    proxy_pass http://" + upstream_name(site, map) + ";\n" + std::string(kForwarding);
    return text + settings_text(site, true) + "  }\n}\n";
}

constexpr std::string_view kServerBegin = "  server 127.0.0.1:";
constexpr std::string_view kServerEnd = " max_fails=0;";

std::string servers_text(const std::vector<Listener>& listeners) {
    std::string text;
    for (const Listener& listener : listeners) {
        for (const int port : {listener.port_a, listener.port_b}) {
            if (port == 0) continue;
            text +=
                std::string(kServerBegin) + std::to_string(port) + std::string(kServerEnd) + "\n";
        }
    }
    return text;
}

std::string upstream_text(const std::string& name, const std::vector<Listener>& listeners) {
    return "\nupstream " + name + " {\n" + servers_text(listeners) + "}\n";
}

Result<void> check_word(std::string_view word, const std::string& what) {
    const bool fits = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == '_' || c == '/' || c == ':';
    });
    if (fits) return {};
    return Error{what + " \"" + std::string(word) + "\" cannot stand in a configuration of nginx"};
}

Result<void> check_site(const Site& site) {
    TRY(check_word(site.app, "the app's name"));
    if (site.domains.empty()) return Error{"there is no domain for app " + site.app};
    for (const std::string& domain : site.domains)
        TRY(spec::check_domain(domain));
    TRY(check_word(site.access_log, "the access log"));
    TRY(check_word(site.error_log, "the error log"));
    if (!site.address_ipv4.empty()) TRY(check_word(site.address_ipv4, "the IPv4 address"));
    if (!site.address_ipv6.empty()) TRY(check_word(site.address_ipv6, "the IPv6 address"));
    for (const auto& [name, value] : site.settings)
        TRY(check_value(value));
    return {};
}

}  // namespace

std::optional<std::string> setting_default(std::string_view name) {
    for (const Setting& setting : kSettings) {
        if (setting.property == name) return std::string(setting.value);
    }
    return std::nullopt;
}

std::vector<std::string> setting_names() {
    std::vector<std::string> names;
    for (const Setting& setting : kSettings)
        names.emplace_back(setting.property);
    return names;
}

Result<void> check_value(std::string_view value) {
    const bool ends_it = std::any_of(value.begin(), value.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f ||
               std::string_view(";{}#\"'\\").find(c) != std::string_view::npos;
    });
    if (ends_it || value.size() > kValueMax) {
        return Error{"the value \"" + std::string(value.substr(0, kValueMax)) +
                     "\" cannot stand in a configuration of nginx"};
    }
    return {};
}

std::string with_listeners(std::string_view config, const std::vector<Listener>& listeners) {
    std::string text;
    bool inside = false;
    for (const std::string_view line : split(config, '\n')) {
        const std::string_view words = trim(line);
        const bool is_server =
            words.starts_with(trim(kServerBegin)) && words.ends_with(trim(kServerEnd));
        if (is_server && !inside) text += servers_text(listeners);
        inside = is_server;
        if (!is_server) text += std::string(line) + "\n";
    }
    text.pop_back();  // what is behind the last end of line is no line
    return text;
}

Result<std::string> config_of(const Site& site) {
    TRY(check_site(site));
    const auto web = site.listeners.find("web");
    const bool has_web = web != site.listeners.end() && !web->second.empty();
    std::string text = "# Written by reeve for the app " + site.app +
                       ". What is changed here is overwritten: see\n"
                       "# `reeve nginx:set`, or put an nginx.conf.sigil into the app.\n";
    if (!has_web) text += "# No web listeners specified for " + site.app + ".\n";
    std::set<std::string> written;
    for (const spec::PortMap& map : site.ports) {
        const std::string name = upstream_name(site, map);
        if (has_web && written.insert(name).second) text += upstream_text(name, web->second);
    }
    for (const spec::PortMap& map : site.ports)
        text += server_text(site, map, has_web);
    return text;
}

}  // namespace reeve::formats::nginx
