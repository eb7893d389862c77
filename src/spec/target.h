#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "spec/instance_name.h"

namespace reeve::spec {

/// What a command is aimed at: `app`, `app/service`, `app/service.N`, each part possibly a glob.
/// An empty pattern stands for "all".
struct Target {
    std::string app = "*";
    std::string instance;  // `service` or `service.N`; empty: all of the app

    friend bool operator==(const Target&, const Target&) = default;
};

/// Reads `app[/service[.N]]`. Fails on empty parts and on control characters.
Result<Target> parse_target(std::string_view text);

std::string to_text(const Target& target);

/// Whether the target means this instance: by service, by service and index, or by glob.
bool matches(const Target& target, const InstanceName& name);

}  // namespace reeve::spec
