#pragma once

#include <memory>
#include <string>

#include "base/random.h"
#include "sim/world.h"
#include "spec/app.h"

namespace reeve::sim {

/// One of `in` chances.
inline bool one_in(Random& random, std::uint64_t in) {
    return random.below(in) == 0;
}

/// A length of time below `limit`, in milliseconds.
inline Duration random_duration(Random& random, Duration limit) {
    return std::chrono::milliseconds(
        random.below(static_cast<std::uint64_t>(limit / std::chrono::milliseconds(1)) + 1));
}

/// An app of up to three services with any mix of hooks, ports, policies and ladders.
spec::App random_app(Random& random, const std::string& name);

/// The same app with one thing changed, or nothing.
spec::App changed_app(Random& random, spec::App app);

/// A life that may go wrong in any way.
Behaviour random_behaviour(Random& random, const core::SpawnRun& run);

}  // namespace reeve::sim
