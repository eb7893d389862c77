#include "formats/nginx/site_template.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/text.h"
#include "formats/nginx/sigil_template.h"

namespace reeve::formats::nginx {
namespace {

/// Addresses that stand for instances while a template is rendered.
constexpr std::string_view kStandIn = "127.77.";
constexpr std::size_t kPerNet = 250;
constexpr std::size_t kStandInsMax = kPerNet * kPerNet;

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

/// `worker-fast` -> `WORKER_FAST`.
std::string as_variable(std::string_view name) {
    std::string text(name);
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        if (c == '-' || c == '.') c = '_';
    }
    return text;
}

std::string upstream_ports(const Site& site) {
    std::vector<std::string> ports;
    for (const spec::PortMap& map : site.ports) {
        const std::string port = std::to_string(map.container_port);
        if (std::find(ports.begin(), ports.end(), port) == ports.end()) ports.push_back(port);
    }
    return joined(ports);
}

/// The variables of a template, and what the addresses in it stand for.
class Names {
public:
    Names(const Site& site, const std::string& root) {
        take_app(site, root);
        take_settings(site);
        for (const auto& [service, listeners] : site.listeners)
            take_listeners(service, listeners);
        if (!values_.contains("DOKKU_APP_WEB_LISTENERS")) values_["DOKKU_APP_WEB_LISTENERS"] = "";
        values_["DOKKU_APP_LISTENERS"] = values_["DOKKU_APP_WEB_LISTENERS"];
    }

    std::optional<std::string> value(std::string_view name) const {
        const auto found = values_.find(std::string(name));
        if (found != values_.end()) return found->second;
        const bool listeners = name.starts_with("DOKKU_APP_") && name.ends_with("_LISTENERS");
        return listeners ? std::optional<std::string>("") : std::nullopt;
    }

    /// nullptr: no instance has this address.
    const Listener* find(const std::string& address) const {
        const auto found = stand_ins_.find(address);
        return found == stand_ins_.end() ? nullptr : &found->second;
    }

    bool is_port(std::string_view port) const { return ports_.contains(std::string(port)); }

private:
    void take_app(const Site& site, const std::string& root) {
        std::vector<std::string> maps;
        for (const spec::PortMap& map : site.ports)
            maps.push_back(spec::to_text(map));
        const std::string upstreams = upstream_ports(site);
        for (const std::string_view port : words(upstreams))
            ports_.emplace(port);
        const std::string first =
            site.ports.empty() ? "80" : std::to_string(site.ports.front().host_port);
        values_ = {{"APP", site.app},
                   {"NOSSL_SERVER_NAME", site.any_name ? "_" : joined(site.domains)},
                   {"SSL_SERVER_NAME", ""},
                   {"SSL_INUSE", ""},
                   {"APP_SSL_PATH", ""},
                   {"DOKKU_ROOT", root},
                   {"DOKKU_LIB_ROOT", root},
                   {"PROXY_PORT", first},
                   {"NGINX_PORT", first},
                   {"PROXY_SSL_PORT", "443"},
                   {"NGINX_SSL_PORT", "443"},
                   {"PROXY_PORT_MAP", joined(maps)},
                   {"PROXY_UPSTREAM_PORTS", upstreams},
                   {"RAW_TCP_PORTS", ""},
                   {"SPDY_SUPPORTED", "false"},
                   {"HTTP2_SUPPORTED", "true"},
                   {"HTTP2_DIRECTIVE_SUPPORTED", "false"},
                   {"HTTP2_PUSH_SUPPORTED", "true"},
                   {"GRPC_SUPPORTED", "true"},
                   {"NGINX_LOG_ROOT", site.access_log.substr(0, site.access_log.rfind('/'))},
                   {"NGINX_ACCESS_LOG_PATH", site.access_log},
                   {"NGINX_ACCESS_LOG_FORMAT", ""},
                   {"NGINX_ERROR_LOG_PATH", site.error_log},
                   {"NGINX_BIND_ADDRESS_IP4", site.address_ipv4},
                   {"NGINX_BIND_ADDRESS_IP6", site.address_ipv6.empty() ? "::" : site.address_ipv6},
                   {"PROXY_X_FORWARDED_SSL", ""}};
    }

    void take_settings(const Site& site) {
        for (const std::string& name : setting_names()) {
            const auto given = site.settings.find(name);
            const std::string value =
                given != site.settings.end() ? given->second : setting_default(name).value_or("");
            std::string variable = as_variable(name);
            if (variable.starts_with("X_")) {
                variable = "PROXY_" + variable.substr(0, variable.rfind('_'));
            }
            values_[variable] = value;
        }
    }

    void take_listeners(const std::string& service, const std::vector<Listener>& listeners) {
        std::vector<std::string> addresses;
        const std::string port = ports_.empty() ? "5000" : *ports_.begin();
        for (const Listener& listener : listeners) {
            const std::size_t number = stand_ins_.size();
            if (number == kStandInsMax) break;
            const std::string address = std::string(kStandIn) + std::to_string(number / kPerNet) +
                                        "." + std::to_string(number % kPerNet + 1);
            stand_ins_[address] = listener;
            addresses.push_back(address + ":" + port);
        }
        values_["DOKKU_APP_" + as_variable(service) + "_LISTENERS"] = joined(addresses);
    }

    std::map<std::string, std::string> values_;
    std::map<std::string, Listener> stand_ins_;
    std::set<std::string> ports_;
};

/// `server 127.77.0.1:5000 weight=2;` with what stands before it cut off, as lines for both ports.
Result<std::string> server_lines(const Names& names, std::string_view directive) {
    const std::vector<std::string_view> parts = words(directive);
    const std::size_t colon = parts[1].find(':');
    const std::string address(parts[1].substr(0, colon));
    const Listener* listener = names.find(address);
    if (listener == nullptr) return Error{"the address " + address + " is nobody's"};
    const bool has_port = colon != std::string_view::npos;
    if (!has_port || !names.is_port(parts[1].substr(colon + 1))) {
        return Error{"\"" + std::string(parts[1]) +
                     "\" is no address of an instance: its port is none of the app's port maps"};
    }
    std::string parameters;
    for (std::size_t i = 2; i < parts.size(); ++i) {
        if (!parts[i].starts_with("max_fails=")) parameters += " " + std::string(parts[i]);
    }
    std::string lines;
    for (const int port : {listener->port_a, listener->port_b}) {
        if (port == 0) continue;
        if (!lines.empty()) lines += "\n  ";
        lines += "server 127.0.0.1:" + std::to_string(port) + parameters + " max_fails=0;";
    }
    return lines;
}

/// Where the directive `server` begins whose first word the address at `at` is; npos: elsewhere.
std::size_t server_before(std::string_view text, std::size_t at) {
    const std::size_t end = text.find_last_not_of(" \t\r\n", at == 0 ? 0 : at - 1);
    constexpr std::string_view kWord = "server";
    if (end == std::string_view::npos || end + 1 < kWord.size()) return std::string_view::npos;
    const std::size_t begin = end + 1 - kWord.size();
    return text.substr(begin, kWord.size()) == kWord ? begin : std::string_view::npos;
}

Result<std::string> with_ports(const Names& names, std::string_view text) {
    std::string result;
    for (std::size_t at = 0; (at = text.find(kStandIn)) != std::string_view::npos;) {
        const std::size_t begin = server_before(text, at);
        const std::size_t end = text.find(';', at);
        if (begin == std::string_view::npos || end == std::string_view::npos) {
            const std::size_t line_end = text.find('\n', at);
            const std::size_t line = text.rfind('\n', at) + 1;
            return Error{"\"" + std::string(trim(text.substr(line, line_end - line))) +
                         "\" names an instance outside of an upstream, where a restart would "
                         "break it"};
        }
        result += std::string(text.substr(0, begin));
        result += TRY(server_lines(names, text.substr(begin, end - begin)));
        text.remove_prefix(end + 1);
    }
    return result + std::string(text);
}

/// Templates leave many empty lines behind.
std::string without_empty_lines(std::string_view text) {
    std::string result;
    for (const std::string_view line : split(text, '\n')) {
        if (!trim(line).empty()) result += std::string(line) + "\n";
    }
    return result;
}

}  // namespace

Result<std::string> config_of_template(const Site& site, std::string_view text,
                                       const std::string& root) {
    (void)TRY(config_of(site));  // objects to the same values
    const Names names(site, root);
    const std::string rendered =
        TRY(render_template(text, [&](std::string_view name) { return names.value(name); }));
    const std::string head =
        "# Written by reeve for the app " + site.app + " out of its nginx.conf.sigil.\n";
    return head + without_empty_lines(TRY(with_ports(names, rendered)));
}

}  // namespace reeve::formats::nginx
