#pragma once

#include <string_view>
#include <vector>

#include "spec/named_event.h"

// The events of a boot and of its end, as jobs of Upstart wait for them. An ordinary daemon comes
// when the machine is up already, so it tells them one after the other.
namespace reeve::drivers {

/// One `mounted MOUNTPOINT= TYPE= DEVICE= OPTIONS=` for each file system of a mountinfo text
/// (proc(5)), in its order. Lines that cannot be read are left out.
/// Source: mountall's events, upstart-events(7).
std::vector<spec::NamedEvent> mounted_events(std::string_view mountinfo);

/// `startup`, the family of `filesystem`, `mounted` for each file system, then what the network has
/// to tell, then `runlevel RUNLEVEL=2 PREVLEVEL=N`. Source: upstart-events(7).
std::vector<spec::NamedEvent> boot_sequence(const std::vector<spec::NamedEvent>& mounted,
                                            const std::vector<spec::NamedEvent>& network);

/// What jobs hear when reeve itself is asked to end, the last of which is waited for: `runlevel
/// RUNLEVEL=0 PREVLEVEL=2`, and a user's jobs also `session-end TYPE=shutdown`.
/// Source: upstart init/quiesce.c.
std::vector<spec::NamedEvent> farewell_events(bool user_mode);

}  // namespace reeve::drivers
