#pragma once

#include <variant>

#include "base/time.h"

namespace reeve::spec {

/// Ready as soon as the program was executed.
struct ReadyOnSpawn {
    friend bool operator==(const ReadyOnSpawn&, const ReadyOnSpawn&) = default;
};

/// What becomes of an instance that is not ready in time.
enum class NotReady {
    Proceed,  // it counts as ready, and the reason says so
    Fail      // it is stopped, as a failed start
};

/// Ready when something accepts connections on the instance's PORT on the loopback interface.
struct ReadyOnPort {
    Duration timeout = 10s;
    NotReady afterwards = NotReady::Proceed;
    friend bool operator==(const ReadyOnPort&, const ReadyOnPort&) = default;
};

/// Ready when it has lived this long.
struct ReadyAfter {
    Duration uptime = 1s;
    friend bool operator==(const ReadyAfter&, const ReadyAfter&) = default;
};

/// Ready when a process of the run says READY=1 at its NOTIFY_SOCKET. Source: sd_notify(3).
struct ReadyOnNotify {
    Duration timeout = 90s;
    NotReady afterwards = NotReady::Fail;
    friend bool operator==(const ReadyOnNotify&, const ReadyOnNotify&) = default;
};

/// Ready when it writes a line to a descriptor that it was given. Source: s6's notification-fd.
struct ReadyOnFd {
    int fd = 3;  // its number in the program
    Duration timeout = 90s;
    NotReady afterwards = NotReady::Fail;
    friend bool operator==(const ReadyOnFd&, const ReadyOnFd&) = default;
};

/// When a started instance counts as ready, its checks of the role Startup besides.
using ReadinessSpec = std::variant<ReadyOnSpawn, ReadyOnPort, ReadyAfter, ReadyOnNotify, ReadyOnFd>;

}  // namespace reeve::spec
