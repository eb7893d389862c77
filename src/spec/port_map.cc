#include "spec/port_map.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace reeve::spec {
namespace {

constexpr std::int64_t kPortMax = 65'535;
constexpr std::size_t kDomainMax = 253;
constexpr std::size_t kLabelMax = 63;

Error invalid(const std::string& word, const std::string& what) {
    return Error{"Invalid port map " + word + " [" + what + "]"};
}

Result<int> parse_port(const std::string& word, std::string_view text, const std::string& field) {
    const Result<std::int64_t> port = parse_integer(text);
    if (!port) return invalid(word, "err=" + std::string(text) + " is not a number");
    if (*port < 1 || *port > kPortMax) return invalid(word, field + "=" + std::to_string(*port));
    return static_cast<int>(*port);
}

Result<PortMap> parse_port_map(const std::string& word) {
    const std::vector<std::string_view> parts = split(word, ':');
    if (parts.size() != 3) return invalid(word, "len=" + std::to_string(parts.size()));
    PortMap map;
    map.scheme = std::string(parts[0]);
    map.host_port = TRY(parse_port(word, parts[1], "hostPort"));
    map.container_port = TRY(parse_port(word, parts[2], "containerPort"));
    if (map.scheme == "https") {
        return Error{"Invalid port map " + word +
                     " [scheme=https]: TLS ends in front of reeve; map http and let your own "
                     "nginx, or whatever holds the certificates, pass requests on"};
    }
    if (map.scheme != "http") {
        return Error{"Invalid port map " + word + " [scheme=" + map.scheme +
                     "]: http is proxied, and only the web process may be bound to an external "
                     "port"};
    }
    return map;
}

bool is_label(std::string_view label) {
    const auto is_letter_or_digit = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    if (label.empty() || label.size() > kLabelMax) return false;
    if (label.front() == '-' || label.back() == '-') return false;
    return std::all_of(label.begin(), label.end(),
                       [&](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

}  // namespace

std::string to_text(const PortMap& map) {
    return map.scheme + ":" + std::to_string(map.host_port) + ":" +
           std::to_string(map.container_port);
}

Result<std::vector<PortMap>> parse_port_maps(const std::vector<std::string>& words) {
    std::vector<PortMap> maps;
    for (const std::string& word : words) {
        const PortMap map = TRY(parse_port_map(word));
        if (std::find(maps.begin(), maps.end(), map) != maps.end()) continue;
        const bool reused = std::any_of(maps.begin(), maps.end(), [&](const PortMap& other) {
            return other.scheme == map.scheme && other.host_port == map.host_port;
        });
        if (reused) {
            return Error{"The same scheme:host-port is being reused: " + map.scheme + ":" +
                         std::to_string(map.host_port)};
        }
        if (maps.size() == kPortMapsMax) return Error{"More port mappings than an app may have"};
        maps.push_back(map);
    }
    return maps;
}

std::string to_text(std::vector<PortMap> maps) {
    std::sort(maps.begin(), maps.end());
    std::string text;
    for (const PortMap& map : maps)
        text += (text.empty() ? "" : " ") + to_text(map);
    return text;
}

Result<std::vector<PortMap>> without_ports(const std::vector<PortMap>& maps,
                                           const std::vector<std::string>& words) {
    std::vector<PortMap> left = maps;
    for (const std::string& word : words) {
        if (word.find(':') == std::string::npos) {
            const int port = TRY(parse_port(word, word, "hostPort"));
            std::erase_if(left, [&](const PortMap& map) { return map.host_port == port; });
            continue;
        }
        const PortMap unwanted = TRY(parse_port_map(word));
        std::erase(left, unwanted);
    }
    return left;
}

Result<void> check_domain(std::string_view domain) {
    std::string_view name = domain;
    if (name.starts_with("*.")) name.remove_prefix(2);
    const std::vector<std::string_view> labels = split(name, '.');
    if (domain.size() > kDomainMax || !std::all_of(labels.begin(), labels.end(), is_label)) {
        return Error{std::string(domain) + " is invalid. Please input a valid domain"};
    }
    return {};
}

}  // namespace reeve::spec
