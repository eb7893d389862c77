#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "drivers/loop.h"
#include "os/fd.h"
#include "spec/named_event.h"

namespace reeve::drivers {

/// What is known of the network's devices, and which events follow from news about them:
/// `net-device-added`, `net-device-up IFACE= LOGICAL= ADDRFAM= METHOD=` for each family that a
/// device has its first address of while it is up, `net-device-down`, `net-device-removed`, and
/// once `static-network-up`, when the first device but `lo` is up.
/// Source: upstart-events(7), ifupdown's upstart script, network-interface.conf.
class NetworkState {
public:
    using Events = std::vector<spec::NamedEvent>;

    Events link(int index, const std::string& name, bool up);
    Events link_gone(int index);
    /// `family` is AF_INET or AF_INET6; `address` tells two of them apart.
    Events address(int index, int family, const std::string& address);
    Events address_gone(int index, int family, const std::string& address);

private:
    struct Device {
        std::string name;
        bool up = false;
        std::map<int, std::set<std::string>> addresses;  // by family
        std::set<int> told;                              // families that it is known to be up with
    };
    Events news_of(Device& device);

    std::map<int, Device> devices_;
    bool static_told_ = false;
};

/// Reads messages of rtnetlink(7) into a NetworkState; appends what follows.
void take_netlink_messages(std::string_view bytes, NetworkState& state,
                           std::vector<spec::NamedEvent>& events);

/// Follows the devices through rtnetlink, from what there is at its creation.
class NetworkEvents {
public:
    /// `loop` must outlive it. `sink` is called from the loop, for what happens after the creation.
    static Result<NetworkEvents> create(event_base* loop,
                                        std::function<void(spec::NamedEvent)> sink);
    ~NetworkEvents();
    NetworkEvents(NetworkEvents&&) noexcept;
    NetworkEvents& operator=(NetworkEvents&&) noexcept;

    /// What led to what there was at the creation: `lo` first.
    const std::vector<spec::NamedEvent>& initial() const;

private:
    struct State;
    explicit NetworkEvents(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace reeve::drivers
