#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace reeve::spec {

/// Names one instance: `shop/web.2`. App and service are opaque text; `index` counts from 1.
/// A named instance (Upstart's `puma (3)`) has a `key` instead and index 0.
struct InstanceName {
    std::string app;
    std::string service;
    std::uint32_t index = 0;
    std::string key;

    friend bool operator==(const InstanceName&, const InstanceName&) = default;
    friend auto operator<=>(const InstanceName&, const InstanceName&) = default;
};

/// `web.2`, or `puma (3)` for a named instance: what tables show beside the app.
std::string instance_text(const InstanceName& name);

/// `shop/web.2`.
std::string to_text(const InstanceName& name);

/// One path component that no other instance of its app has: `web.2`, escaped (base/text.h).
std::string path_component(const InstanceName& name);

}  // namespace reeve::spec
