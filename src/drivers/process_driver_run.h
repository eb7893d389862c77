#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "drivers/loop.h"
#include "drivers/process_driver.h"
#include "drivers/process_ends.h"
#include "os/pid_file.h"

namespace reeve::drivers {

/// One process tree that the core has a RunId for.
struct ProcessDriver::Run {
    std::string instance;  // `APP/SERVICE.N`, escaped
    core::RunRole role = core::RunRole::Main;
    std::shared_ptr<const spec::App> app;  // shared with the core: it holds the service
    const spec::Service* service = nullptr;
    os::FileOwner owner;  // whom it runs as
    core::ProcessId process;
    TimePoint begun = steady_now();  // or adopted
    pid_t session = 0;               // that the process led which was spawned
    status::Exit exit;               // while its heirs are looked for
    os::UniqueFd pidfd;
    ProcessEnds::Watched ended;
    core::RunId group_named = 0;              // its group is that of a run before; 0: its own
    bool has_no_group = false;                // any more: removed, or handed on
    std::unique_ptr<os::PendingSpawn> spawn;  // until executed
    Watch spawn_news;
    std::vector<std::string> limits;  // on its group: applied, or why not
    os::UniqueFd output;  // of a check's, stop or restart command: what it writes, in memory

    /// The id, in hex, that the name of its group has.
    std::string group_name(core::RunId id) const {
        return to_hex(group_named == 0 ? id : group_named);
    }

    os::RunGroup group(const os::Containment& containment, core::RunId id) const {
        return containment.group_of(instance, group_name(id));
    }

    /// The tracking of a main process by pid file; nullptr for all others.
    const spec::TrackPidFile* pid_file() const {
        if (role != core::RunRole::Main) return nullptr;
        const auto* file = std::get_if<spec::TrackPidFile>(&service->tracking);
        return file == nullptr || file->path.empty() ? nullptr : file;
    }
};

/// The name of a run's process before its exec. It is there before the process has joined its
/// cgroup or has an environment of its own.
std::string name_before_exec(core::RunId id);

}  // namespace reeve::drivers
