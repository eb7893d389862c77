#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "status/transition.h"

namespace reeve::core {

/// What operators decided about an app, beside its spec: kept on disk.
struct Formation {
    /// Index and key of an instance.
    using Member = std::pair<std::uint32_t, std::string>;

    std::map<std::string, std::uint32_t> scaled;  // by service
    /// Instances whose goal is not up, by service.
    std::map<std::string, std::map<Member, status::Goal>> goals;

    friend bool operator==(const Formation&, const Formation&) = default;
};

/// One fact to a line: `scale web 3`, `down web 2`, `unmonitored puma 0 key`; names are escaped.
std::string to_text(const Formation& formation);

/// Reads what `to_text` wrote; lines of a later version are skipped.
Formation formation_from_text(std::string_view text);

}  // namespace reeve::core
