#pragma once

#include <map>
#include <set>
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
    void forget() {
        latest_.clear();
        told_at_.clear();
    }

    /// The most starts of one instance within a minute in which nobody gave a command.
    static int starts_per_minute_max(const spec::RestartSpec& rule);

    /// Fewest restarts before a crash may be the last; 0: it must never be.
    static std::uint32_t restarts_before_giving_up(const spec::RestartSpec& rule);

private:
    struct Pause {
        Duration length{};
        TimePoint next_attempt;
    };
    std::string check_telling(const status::Transition& transition);

    std::map<spec::InstanceName, Pause> latest_;
    std::map<spec::InstanceName, TimePoint> running_since_;
    std::map<spec::InstanceName, TimePoint> told_at_;  // of the crash loop that it is in
    std::set<spec::InstanceName> ever_told_;
};

}  // namespace reeve::sim
