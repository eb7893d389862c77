#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "core/event.h"
#include "drivers/file_events.h"
#include "drivers/loop.h"
#include "drivers/mount_events.h"
#include "drivers/network_events.h"
#include "drivers/socket_events.h"

namespace reeve::daemon {

/// Whether the event brings an app whose services are started and stopped by events.
bool brings_jobs(const core::Event& event);

/// The files that jobs of these apps wait for: `FILE=` of their `file` events.
std::set<std::string> awaited_files(const std::vector<std::shared_ptr<const spec::App>>& apps);

/// The sockets that jobs of these apps wait for connections at.
std::set<drivers::SocketAddress> awaited_sockets(
    const std::vector<std::shared_ptr<const spec::App>>& apps);

/// Brings together what the drivers see of the world, as events for jobs.
class EventSources {
public:
    /// `loop` must outlive it.
    EventSources(event_base* loop, drivers::EventSink sink);

    /// Tells of the boot, the first time that it is called: when the first jobs are there to hear
    /// it.
    void tell_boot();

    /// The boot was told by an earlier daemon.
    void skip_boot();

    /// Watches these files from now on, and no others.
    void await_files(const std::set<std::string>& files, drivers::FileEvents::Present present);

private:
    void watch_network();
    void watch_mounts();

    event_base* loop_;
    drivers::EventSink sink_;
    bool boot_told_ = false;
    std::optional<drivers::NetworkEvents> network_;
    std::optional<drivers::MountEvents> mounts_;
    std::optional<drivers::FileEvents> files_;  // none: nobody waits for one
};

}  // namespace reeve::daemon
