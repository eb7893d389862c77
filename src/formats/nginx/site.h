#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "spec/port_map.h"

namespace reeve::formats::nginx {

/// Both ports of the pair that an instance serves with: one now, the other after a restart.
struct Listener {
    int port_a = 0;
    int port_b = 0;
    friend bool operator==(const Listener&, const Listener&) = default;
};

/// Everything that nginx has to know of one app.
struct Site {
    std::string app;
    std::vector<std::string> domains;
    bool any_name = false;  // requests for any name are the app's, whatever `domains` says
    std::vector<spec::PortMap> ports;
    /// The instances with a port, by service. Without any of `web`, every request is a 502.
    std::map<std::string, std::vector<Listener>> listeners;
    /// Directives of nginx by the names of Dokku's properties: `client-max-body-size` -> `10m`.
    std::map<std::string, std::string> settings;
    std::string address_ipv4;  // to listen on; empty: every one
    std::string address_ipv6;  // likewise; `none`: not on IPv6
    std::string access_log;    // a path, or `off`
    std::string error_log;
    friend bool operator==(const Site&, const Site&) = default;
};

/// The property's value where nobody has set it; nullopt: there is no such property.
std::optional<std::string> setting_default(std::string_view name);

/// Every property that is a directive of nginx, sorted.
std::vector<std::string> setting_names();

/// Whether `value` can stand in a configuration: nothing that would end the directive.
Result<void> check_value(std::string_view value);

/// The configuration of the site: its upstreams and servers.
///
/// Both ports of each instance are in the upstream, and one that does not answer is passed over
/// (`max_fails=0`, `proxy_next_upstream error timeout`): a restart and a crash need no reload.
Result<std::string> config_of(const Site& site);

/// A configuration of `config_of`, or of a template, with other instances in its upstreams; empty
/// where there are none.
std::string with_listeners(std::string_view config, const std::vector<Listener>& listeners);

}  // namespace reeve::formats::nginx
