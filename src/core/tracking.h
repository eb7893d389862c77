#pragma once

#include <vector>

#include "base/time.h"
#include "core/event.h"
#include "spec/tracking_spec.h"
#include "status/exit.h"

// Who is the main process of a run whose own has ended: the rules of spec/tracking_spec.h.
namespace reeve::core {

/// A command that was expected to fork away and did not in time may still do so for this long.
/// Later, the end of a foreground program is an end, whatever it leaves behind.
inline constexpr Duration kLateForkMax = std::chrono::minutes(5);

/// A process that was just followed may itself be one that forks away: a daemon forks twice.
inline constexpr Duration kForksAgainWithin = 2s;

/// The main process from now on, after the one of a run has ended with `exit`; nullptr: it was the
/// last one. `forks_until`: until then an end with code 0 counts as a fork (TrackForks).
const Heir* choose_heir(const spec::TrackingSpec& tracking, const status::Exit& exit,
                        Deadline forks_until, TimePoint now, const std::vector<Heir>& heirs);

/// Whether the end of a run's process may be that of a command whose daemon is not found yet.
bool may_be_found_later(const spec::TrackingSpec& tracking, const status::Exit& exit);

/// Whether a process may run already that nobody here has started.
bool may_run_already(const spec::TrackingSpec& tracking);

}  // namespace reeve::core
