#include <algorithm>
#include <cctype>

#include "drivers/net_probe.h"

// The text of an HTTP check's request, and where its redirections lead: pure.
namespace reeve::drivers {
namespace {

std::string authority_of(const spec::HttpProbe& probe, int port) {
    const bool v6 = probe.host.find(':') != std::string::npos;
    return (v6 ? "[" + probe.host + "]" : probe.host) + ":" + std::to_string(port);
}

bool is_host(std::string name) {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return name == "host";
}

}  // namespace

std::string http_request(const spec::HttpProbe& probe, int port, const std::string& path) {
    std::string text = "GET " + path + " HTTP/1.1\r\n";
    const bool has_host = std::any_of(probe.headers.begin(), probe.headers.end(),
                                      [](const auto& header) { return is_host(header.name); });
    if (!has_host) text += "Host: " + authority_of(probe, port) + "\r\n";
    for (const spec::HttpHeader& header : probe.headers)
        text += header.name + ": " + header.value + "\r\n";
    return text + "User-Agent: reeve\r\nAccept: */*\r\nConnection: close\r\n\r\n";
}

std::string path_after_redirect(const spec::HttpProbe& probe, int port, const std::string& path,
                                const std::string& location) {
    const bool has_odd = std::any_of(location.begin(), location.end(),
                                     [](unsigned char c) { return c <= 0x20 || c == 0x7F; });
    if (location.empty() || has_odd || location.starts_with("//")) return "";
    if (location.front() == '/') return location;
    const std::string scheme = probe.scheme == spec::HttpScheme::Http ? "http://" : "https://";
    const std::string server = scheme + authority_of(probe, port);
    if (location.starts_with(server)) {
        const std::string rest = location.substr(server.size());
        if (rest.empty()) return "/";
        return rest.front() == '/' ? rest : "";
    }
    if (location.find("://") != std::string::npos) return "";
    const std::string directory = path.substr(0, path.find('?'));
    return directory.substr(0, directory.rfind('/') + 1) + location;
}

}  // namespace reeve::drivers
