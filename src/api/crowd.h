#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <unordered_map>

#include "api/connection.h"

namespace reeve::api {

/// All connections of a server.
using Connections = std::unordered_map<Connection*, std::unique_ptr<Connection>>;

/// The connection that is missed least where room is needed: one that waits for its next request,
/// the longest; where there is none, one that has said half a request. Null where each has a
/// request in flight, or an answer to read. `of_user`: among those of this user only.
Connection* find_spare(const Connections& connections, std::optional<uid_t> of_user);

std::size_t count_of_user(const Connections& connections, uid_t user);
std::size_t streams_of_user(const Connections& connections, uid_t user);

/// What all clients together have not read yet.
std::size_t unread_bytes(const Connections& connections);
/// The one that has left most unread, `but_for` apart; null where nobody has left any.
Connection* find_most_unread(const Connections& connections, const Connection& but_for);

}  // namespace reeve::api
