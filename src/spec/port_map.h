#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace reeve::spec {

/// One port of the machine that leads to the `web` processes of an app, as Dokku writes it:
/// `http:80:5000`. The third part names an upstream; each process listens on the PORT that it was
/// given, whatever that name is. Source: dokku plugins/ports.
struct PortMap {
    std::string scheme;      // `http`
    int host_port = 0;       // of the machine
    int container_port = 0;  // of the container that Dokku would make
    friend auto operator<=>(const PortMap&, const PortMap&) = default;
};

/// Most port maps of one app.
inline constexpr std::size_t kPortMapsMax = 64;

/// Where an app listens that was given no ports.
inline constexpr int kDefaultHostPort = 80;
inline constexpr int kDefaultContainerPort = 5000;

/// `http:80:5000`.
std::string to_text(const PortMap& map);

/// Reads words like `http:80:5000`. Duplicates are dropped; two that share scheme and port of the
/// machine are refused, as is any scheme but http.
Result<std::vector<PortMap>> parse_port_maps(const std::vector<std::string>& words);

/// As they stand in a property: sorted, with blanks between.
std::string to_text(std::vector<PortMap> maps);

/// Without those that `words` name, each by its whole text or by its port of the machine alone.
Result<std::vector<PortMap>> without_ports(const std::vector<PortMap>& maps,
                                           const std::vector<std::string>& words);

/// Whether a proxy can be told to serve this name: a host name, `*.example.com`, or an address.
Result<void> check_domain(std::string_view domain);

}  // namespace reeve::spec
