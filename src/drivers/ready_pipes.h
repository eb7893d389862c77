#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>

#include "base/result.h"
#include "core/event.h"
#include "drivers/keeper_client.h"
#include "drivers/loop.h"
#include "os/fd.h"

namespace reeve::drivers {

/// The descriptors that programs write a line to when they are ready: a FIFO for each instance (and
/// port slot) that asks for one, which its process opens itself, as the user that it has become.
/// The keeper holds a copy: what is said while reeved is replaced waits in it.
///
/// Source: s6, notification-fd.
class ReadyPipes {
public:
    /// All must outlive this. `directory` is made at the first pipe.
    ReadyPipes(event_base* loop, std::string directory, KeeperClient& keeper, EventSink sink);

    /// Takes over the pipes that an earlier reeved had stored with the keeper.
    void restore(std::map<std::string, os::UniqueFd>& stored);

    /// A new pipe for the run of an instance, for a process of this user: its path.
    Result<std::string> open(const std::string& instance, int slot, uid_t uid, core::RunId run);
    /// After a restore: `run` is who writes there.
    void attach(const std::string& instance, int slot, core::RunId run);

    /// Tells Ready once the run has written a line.
    void watch_ready(core::RunId run);
    void forget_run(core::RunId run);
    void forget_instance(const std::string& instance);
    /// reeve ends: removes what lies on the disk.
    void remove_files() const;

    /// Calls `visit(name, fd)` for each pipe, with the name under which the keeper stores it.
    void visit(const std::function<void(const std::string&, int)>& visit) const;

private:
    struct Pipe {
        os::UniqueFd fd;
        Watch readable;
        std::string path;
        core::RunId run = 0;
    };
    std::string path_of(const std::string& key) const;
    void read(const std::string& key);
    void drop(const std::string& key);

    event_base* loop_;
    std::string directory_;
    KeeperClient& keeper_;
    EventSink sink_;
    std::map<std::string, Pipe> pipes_;  // by `APP/SERVICE.N SLOT`
};

}  // namespace reeve::drivers
