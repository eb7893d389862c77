#pragma once

#include <map>
#include <string>

#include "core/action.h"
#include "spec/app.h"
#include "status/instance.h"

namespace reeve::sim {

/// Pauses between restarts: neither longer than their rule says, nor shorter, and nobody is given
/// up early. Knows the rules as promises, not as the core computes them.
class PauseChecks {
public:
    /// `instance` is seen after it. Returns a breach, or nothing.
    std::string after_transition(const status::Transition& transition,
                                 const status::Instance& instance, const spec::Service& service);

    /// Counts may begin anew: a command was given, or the daemon forgot its latest step.
    void forget() { latest_.clear(); }

    /// The most starts of one instance within a minute in which nobody gave a command.
    static int starts_per_minute_max(const spec::RestartSpec& rule);

    /// Fewest restarts before a crash may be the last; 0: it must never be.
    static std::uint32_t restarts_before_giving_up(const spec::RestartSpec& rule);

private:
    struct Pause {
        Duration length{};
        TimePoint next_attempt;
    };
    std::map<spec::InstanceName, Pause> latest_;
};

}  // namespace reeve::sim
