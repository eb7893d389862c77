#include "api/crowd.h"

#include <algorithm>
#include <utility>

namespace reeve::api {

Connection* find_spare(const Connections& connections, std::optional<uid_t> of_user) {
    Connection* best = nullptr;
    std::pair<Connection::Use, std::uint64_t> least;
    for (const auto& [connection, owned] : connections) {
        if (of_user && connection->peer().uid != *of_user) continue;
        const Connection::Use use = connection->use();
        if (use == Connection::Use::InFlight) continue;
        const std::pair one(use, connection->waits_since());
        if (best != nullptr && least <= one) continue;
        best = connection;
        least = one;
    }
    return best;
}

std::size_t count_of_user(const Connections& connections, uid_t user) {
    return static_cast<std::size_t>(
        std::count_if(connections.begin(), connections.end(),
                      [user](const auto& one) { return one.first->peer().uid == user; }));
}

std::size_t streams_of_user(const Connections& connections, uid_t user) {
    return static_cast<std::size_t>(
        std::count_if(connections.begin(), connections.end(), [user](const auto& one) {
            return one.first->peer().uid == user && one.first->streaming();
        }));
}

std::size_t unread_bytes(const Connections& connections) {
    std::size_t bytes = 0;
    for (const auto& [connection, owned] : connections)
        bytes += connection->buffered_bytes();
    return bytes;
}

Connection* find_most_unread(const Connections& connections, const Connection& but_for) {
    Connection* most = nullptr;
    for (const auto& [connection, owned] : connections) {
        if (connection == &but_for || connection->buffered_bytes() == 0) continue;
        if (most == nullptr || connection->buffered_bytes() > most->buffered_bytes()) {
            most = connection;
        }
    }
    return most;
}

}  // namespace reeve::api
