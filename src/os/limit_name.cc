#include "os/limit_name.h"

#include <array>

namespace reeve::os {

std::string limit_name(int resource) {
    static constexpr std::array<const char*, 16> kNames = {
        "cpu",     "fsize", "data",  "stack",      "core",     "rss",  "nproc",  "nofile",
        "memlock", "as",    "locks", "sigpending", "msgqueue", "nice", "rtprio", "rttime"};
    const auto index = static_cast<std::size_t>(resource);
    return index < kNames.size() ? kNames[index] : "resource " + std::to_string(resource);
}

}  // namespace reeve::os
