#include "drivers/network_events.h"
#include "fuzz/target.h"

/// Any bytes are read within their bounds; what they lead to has names.
FUZZ_TARGET(netlink) {
    reeve::drivers::NetworkState state;
    std::vector<reeve::spec::NamedEvent> events;
    reeve::drivers::take_netlink_messages(reeve::fuzz::as_text(data, size), state, events);
    for (const reeve::spec::NamedEvent& event : events)
        CHECK(!event.name.empty());
    return 0;
}
