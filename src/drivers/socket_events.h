#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "drivers/keeper_client.h"
#include "drivers/loop.h"
#include "os/fd.h"
#include "os/spawner.h"
#include "spec/app.h"
#include "spec/named_event.h"

namespace reeve::drivers {

/// A socket that jobs wait for connections at.
struct SocketAddress {
    std::string protocol;  // inet, inet6 or unix
    std::string address;   // of a network device; for unix the path
    int port = 0;
    friend auto operator<=>(const SocketAddress&, const SocketAddress&) = default;
};

/// `inet 0.0.0.0:8080`, `unix /run/web.sock`.
std::string to_text(const SocketAddress& address);

/// The sockets of `socket PROTO=inet PORT= [ADDR=]` and `socket PROTO=unix SOCKET_PATH=` in what
/// starts the job, in the order in which they stand there. What is no address is left out.
/// Source: socket-event(7).
std::vector<SocketAddress> sockets_of(const spec::Service& service);

/// `socket PROTO=inet PORT=8080 ADDR=0.0.0.0`: somebody connects.
spec::NamedEvent socket_event(const SocketAddress& address);

/// Listens for jobs that are started by connections, which the job itself accepts: its main process
/// is passed the sockets. The keeper holds copies, so that nobody is turned away while reeved is
/// replaced. Source: upstart-socket-bridge(8).
class SocketEvents {
public:
    struct Parts {
        event_base* loop = nullptr;
        os::Spawner& spawner;
        KeeperClient& keeper;
    };
    /// All parts must outlive it. `sink` is called from the loop.
    static Result<std::unique_ptr<SocketEvents>> create(Parts parts,
                                                        std::function<void(spec::NamedEvent)> sink);
    ~SocketEvents();

    /// Takes over the sockets that an earlier reeved had stored with the keeper.
    void restore(std::map<std::string, os::UniqueFd>& stored);

    /// Listens at these from now on, and at no others. What cannot be had is said in the log.
    void listen(const std::set<SocketAddress>& wanted);

    /// What the main process of this service is passed: numbers of Spawner::lend.
    std::vector<int> passed_to(const spec::Service& service) const;

    /// Calls `visit(name, fd)` for each socket, with the name under which the keeper stores it.
    void visit(const std::function<void(const std::string&, int)>& visit) const;

private:
    struct State;
    explicit SocketEvents(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace reeve::drivers
