#pragma once

#include <sys/types.h>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::drivers {

/// A TCP socket that accepts connections, as /proc/net/tcp and tcp6 list them.
struct Listener {
    std::uint16_t port = 0;
    bool loopback_only = false;
    std::uint64_t inode = 0;
    friend bool operator==(const Listener&, const Listener&) = default;
};

/// Reads the text of /proc/net/tcp or tcp6; lines that are none are left out.
std::vector<Listener> parse_listeners(std::string_view text);

/// All of this machine's (of reeve's network namespace).
std::vector<Listener> read_listeners();

/// The inodes of the sockets that these processes have open.
std::set<std::uint64_t> sockets_of(const std::vector<pid_t>& pids);

}  // namespace reeve::drivers
