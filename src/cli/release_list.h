#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/store_request.h"
#include "base/time.h"

namespace reeve::cli {

/// One release that is kept.
struct ReleaseEntry {
    std::uint32_t number = 0;
    bool is_current = false;
    WallTime made;
    std::string revision;
    std::string source;
    std::string command_line;  // that made it
    std::string directory;     // the number of the release whose code it has
};

/// The releases among the records of an app, the newest first.
std::vector<ReleaseEntry> releases_of(const api::Records& records);

/// The one before the present one, or nullopt.
std::optional<std::uint32_t> previous_release(const std::vector<ReleaseEntry>& releases);

std::string releases_text(const std::vector<ReleaseEntry>& releases);
std::string releases_json(const std::vector<ReleaseEntry>& releases);

}  // namespace reeve::cli
