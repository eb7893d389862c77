#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "core/event.h"
#include "drivers/keeper_client.h"
#include "drivers/loop.h"
#include "os/fd.h"

namespace reeve::drivers {

/// What one message at a notify socket says. Source: sd_notify(3).
struct NotifyMessage {
    bool ready = false;
    bool watchdog = false;
    std::optional<std::string> status;
    friend bool operator==(const NotifyMessage&, const NotifyMessage&) = default;
};

/// Reads one datagram: lines `NAME=value`; unknown ones are left out.
NotifyMessage parse_notify(std::string_view text);

/// One notify socket for each instance (and port slot) that uses one: its path is the identity of
/// who speaks, so that any process of the run may (`systemd-notify`). The keeper holds a copy: what
/// is said while reeved is replaced waits in the socket.
class NotifySockets {
public:
    /// All must outlive this. `directory` is made at the first socket.
    NotifySockets(event_base* loop, std::string directory, KeeperClient& keeper, EventSink sink);

    /// Takes over the sockets that an earlier reeved had stored with the keeper.
    void restore(std::map<std::string, os::UniqueFd>& stored);

    /// The socket of an instance, for a process of this user: its path. From now on `run` is who
    /// speaks there.
    Result<std::string> open(const std::string& instance, int slot, uid_t uid, core::RunId run);
    /// After a restore: `run` is who speaks there.
    void attach(const std::string& instance, int slot, core::RunId run);

    /// Tells Ready if the run has said READY=1, now or later.
    void watch_ready(core::RunId run);
    void forget_run(core::RunId run);
    void forget_instance(const std::string& instance);
    /// reeve ends: removes what lies on the disk.
    void remove_files() const;

    /// Calls `visit(name, fd)` for each socket, with the name under which the keeper stores it.
    void visit(const std::function<void(const std::string&, int)>& visit) const;

private:
    struct Socket {
        os::UniqueFd fd;
        Watch readable;
        std::string path;
        core::RunId run = 0;
        bool said_ready = false;
        bool ready_wanted = false;
        TimePoint last_ping;
    };
    static std::string key_of(const std::string& instance, int slot);
    std::string path_of(const std::string& key) const;
    void listen(const std::string& key, Socket& socket);
    void read(const std::string& key);
    void tell(Socket& socket, const NotifyMessage& message);

    event_base* loop_;
    std::string directory_;
    KeeperClient& keeper_;
    EventSink sink_;
    std::map<std::string, Socket> sockets_;  // by `APP/SERVICE.N SLOT`
};

}  // namespace reeve::drivers
