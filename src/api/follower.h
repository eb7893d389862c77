#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "api/connection.h"
#include "api/table.h"
#include "spec/target.h"
#include "status/transition.h"

namespace reeve::api {

/// How transitions are written for one client.
struct EventFormat {
    bool json = true;
    TextStyle style;
};

/// The transition as one line in that format, with its end.
std::string event_line(const status::Transition& transition, const EventFormat& format);

/// One client that follows the events: first what was, then what comes. A client that reads too
/// slowly loses events, and is told how many.
class Follower {
public:
    /// The connection's stream must have begun; it must outlive the follower.
    Follower(Connection& connection, std::vector<spec::Target> targets, EventFormat format,
             std::size_t buffered_bytes_max);

    /// Something has happened. Kept back until `begin` was called.
    void publish(const status::Transition& transition);

    /// Sends what was, then what was kept back.
    void begin(const std::vector<status::Transition>& history);

private:
    void send(const status::Transition& transition);

    Connection& connection_;
    std::vector<spec::Target> targets_;
    EventFormat format_;
    std::size_t buffered_bytes_max_;
    bool begun_ = false;
    std::vector<status::Transition> kept_back_;
    std::uint64_t dropped_ = 0;
};

}  // namespace reeve::api
