#pragma once

#include <map>
#include <set>
#include <string>

#include "core/action.h"
#include "core/event.h"
#include "sim/world.h"

namespace reeve::sim {

/// What a life owes, seen from its events and actions only: a post-stop hook at its end, an end to
/// what a dead main process left behind, and an eye on the port that it is to serve.
class LifeChecks {
public:
    /// Returns the first breach, or nothing.
    std::string after_event(const core::Event& event, const core::Actions& actions,
                            const World& world, TimePoint now);

    /// The spec may be another one now.
    void command_given() { owes_post_stop_.clear(); }

    /// Another daemon took over; `lost_step`: and what the one before did last is forgotten.
    void daemon_replaced() { leftovers_.clear(); }
    void step_lost() { owes_post_stop_.clear(); }

private:
    void note_event(const core::Event& event, const World& world, TimePoint now);
    void note_spawn(const core::SpawnRun& spawn);
    std::string check_transition(const status::Transition& transition, const World& world,
                                 TimePoint now) const;
    std::string check_leftovers(const World& world, TimePoint now) const;

    std::set<spec::InstanceName> owes_post_stop_;
    std::map<core::RunId, TimePoint> leftovers_;  // since when: not killed yet
};

}  // namespace reeve::sim
