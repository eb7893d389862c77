#pragma once

namespace reeve::keeper {

/// Takes NOTIFY_SOCKET out of the environment, so that no child has it. Called first of all.
void take_notify_socket();

/// Tells the service manager, where there is one, that reeve serves (sd_notify(3)).
void notify_ready();

}  // namespace reeve::keeper
