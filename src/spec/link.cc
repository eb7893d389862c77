#include "spec/link.h"

#include <algorithm>

#include "base/text.h"

namespace reeve::spec {
namespace {

constexpr std::string_view kUnit = "systemd:";
constexpr std::string_view kAddress = "tcp:";
constexpr std::size_t kNameMax = 255;

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= kNameMax && !text.starts_with('-') &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      std::string_view(".-_@:").find(c) != std::string_view::npos;
           });
}

Error not_a_link(std::string_view text) {
    return Error{"Invalid link: " + std::string(text) +
                 " (an APP, APP/SERVICE, systemd:UNIT or tcp:HOST:PORT)"};
}

}  // namespace

Result<Link> parse_link(std::string_view text) {
    Link link;
    std::string_view name = text;
    if (text.starts_with(kUnit)) {
        link.kind = LinkKind::Unit;
        name.remove_prefix(kUnit.size());
    } else if (text.starts_with(kAddress)) {
        link.kind = LinkKind::Address;
        const std::size_t colon = text.rfind(':');
        const auto port = parse_integer(text.substr(colon + 1));
        if (colon < kAddress.size() || !port || *port < 1 || *port > 65'535) {
            return not_a_link(text);
        }
        link.port = static_cast<int>(*port);
        name = text.substr(kAddress.size(), colon - kAddress.size());
    } else if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
        name = text.substr(0, slash);
        link.service = text.substr(slash + 1);
        if (!is_name(link.service)) return not_a_link(text);
    }
    if (!is_name(name)) return not_a_link(text);
    link.name = name;
    return link;
}

}  // namespace reeve::spec
