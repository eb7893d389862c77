#pragma once

#include <cstddef>
#include <memory>

#include "api/backend.h"
#include "base/result.h"
#include "base/time.h"
#include "os/fd.h"
#include "status/transition.h"

struct event_base;

namespace reeve::api {

/// The named limits of the server. What each answers when it is reached stands beside it.
struct ServerLimits {
    // A new client takes the place of one that waits for nothing. Where everybody has a request in
    // flight it waits in the socket's backlog; a user who is alone in that is refused with 503.
    std::size_t connections_max = 256;
    std::size_t connections_of_user_max = 192;    // so that one user leaves room for others
    std::size_t connections_of_others_max = 240;  // of all but root and the user of the daemon
    std::size_t streams_of_user_max = 64;         // 503, closed
    std::size_t unread_bytes_max = std::size_t{32} << 20;  // who has left most unread is closed
    std::size_t unread_of_client_max = std::size_t{64} * 1024;  // its further requests wait
    std::size_t head_bytes_max = std::size_t{16} * 1024;        // 431, closed
    std::size_t body_bytes_max = std::size_t{1024} * 1024;      // 413, closed
    std::size_t load_body_bytes_max = std::size_t{16} << 20;    // 413, closed
    std::size_t all_bodies_bytes_max = std::size_t{48} << 20;   // 503, closed
    std::size_t follower_bytes_max = std::size_t{256} * 1024;   // events dropped and counted
    std::size_t deploy_bytes_max = std::size_t{4} << 20;        // output dropped, and said so
    Duration idle = 60s;                                        // between requests; closed
    Duration exchange = 20s;        // for the whole of a request, and for each piece written
    Duration accept_pause = 100ms;  // after an accept failed for want of descriptors
};

/// The API: HTTP/1.1 on a listening unix socket (docs/api.md). Lives on the loop's thread.
///
/// Requests are answered by the backend; answers that come later find their client by a token that
/// is void once the client has gone.
class Server {
public:
    /// Serves on `listener`, a listening socket, which stays non-blocking. `base` and `backend`
    /// must outlive the server.
    static Result<Server> listen(event_base* base, os::UniqueFd listener, Backend& backend,
                                 const ServerLimits& limits);
    ~Server();
    Server(Server&&) noexcept;
    Server& operator=(Server&&) noexcept;

    /// Hands a transition to those who follow the events. Cheap when nobody does.
    void publish(const status::Transition& transition);

    /// Lets new clients wait in the socket's backlog, until `accept_again`.
    void hold_accepting();
    void accept_again();

    /// Takes no new connections from now on; those that are there are served on.
    void stop_accepting();

    /// Whether an answer is still due or on its way to a client (followers of events not counted).
    bool busy() const;

private:
    class Impl;
    explicit Server(std::shared_ptr<Impl> impl);
    // Shared with the answers that are under way: they outlive the server and must notice.
    std::shared_ptr<Impl> impl_;
};

}  // namespace reeve::api
