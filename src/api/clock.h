#pragma once

#include "base/time.h"

namespace reeve::api {

/// The time by the clock that never jumps, for the patience of clients: they are programs of their
/// own, with nobody above them to hand the time down.
TimePoint client_now();

/// The time of day, for what a client itself has to say.
WallTime client_wall_now();

}  // namespace reeve::api
