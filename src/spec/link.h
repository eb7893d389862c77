#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace reeve::spec {

enum class LinkKind {
    App,     // `APP` or `APP/SERVICE`, under reeve
    Unit,    // `systemd:UNIT`
    Address  // `tcp:HOST:PORT`
};

/// What an app is linked to: it has to be there before the app is started.
struct Link {
    LinkKind kind = LinkKind::App;
    std::string name;     // of the app, the unit or the host
    std::string service;  // App: empty for all of it
    int port = 0;         // Address
    friend bool operator==(const Link&, const Link&) = default;
};

/// Reads one link, as it is typed. Names have letters, digits, `.`, `-`, `_`, `@` and `:` only, so
/// that they can stand in a command.
Result<Link> parse_link(std::string_view text);

}  // namespace reeve::spec
