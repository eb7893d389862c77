#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/manager.h"
#include "sim/life_checks.h"
#include "sim/pause_checks.h"
#include "sim/probe_checks.h"
#include "sim/retire_checks.h"
#include "sim/switch_checks.h"
#include "sim/world.h"

namespace reeve::sim {

/// What always holds, looked at after each event. The first breach stays.
class Checks {
public:
    explicit Checks(std::uint32_t spawning_max) : spawning_max_(spawning_max) {}

    /// `actions` came out of `manager` after `event` at `now` and are not performed yet.
    void after_event(core::Manager& manager, const core::Event& event, const core::Actions& actions,
                     const World& world, TimePoint now);

    /// An operator's command was handed in; restart counts begin anew.
    void command_given(TimePoint now);

    /// Another daemon has taken over.
    void daemon_replaced() {
        lives_.daemon_replaced();
        probes_.forget();
        switches_.forget();
        retires_.forget();
    }

    /// The daemon was replaced before the journal saw the latest step: its transitions never were.
    void forget_transitions();

    void fail(const std::string& text) {
        if (failure_.empty()) failure_ = text;
    }
    /// Empty: everything holds.
    const std::string& failure() const { return failure_; }

private:
    const spec::Service* service_of(const spec::InstanceName& instance) const;
    void check_goal(const core::SpawnRun& spawn, const core::Actions& actions);
    void note_policies();
    void check_spawn(const core::SpawnRun& spawn, const World& world, TimePoint now);
    void check_brake(const core::Actions& actions, const World& world, TimePoint now);
    void check_transition(const status::Transition& transition);
    void check_pause(const status::Transition& transition);
    void check_needs(const core::Manager& manager, const core::Actions& actions,
                     const status::Transition& transition);
    void check_needs_waited_for(const status::Instance& instance);
    bool is_met(const spec::InstanceName& of, const spec::Need& need, bool before) const;
    void check_rollout(const status::Transition& transition);
    void check_instance(const status::Instance& instance, const World& world);
    void check_given_up(const status::Instance& instance, const spec::Service& service);
    void check_backoff(const core::Manager& manager, const status::Instance& instance);

    std::uint32_t spawning_max_;
    TimePoint last_command_{};
    std::string failure_;
    std::map<spec::InstanceName, status::Instance> seen_;
    std::map<spec::InstanceName, status::Instance> before_;        // the event
    std::set<spec::InstanceName> by_former_policy_;                // their end was judged
    bool step_lost_ = false;                                       // `before_` never was
    std::map<spec::InstanceName, const spec::Service*> services_;  // those that are no jobs
    std::vector<std::shared_ptr<const spec::App>> apps_;
    struct Shown {
        status::State state = status::State::Stopped;
        std::uint64_t cause = 0;
        bool added = false;  // by that cause: a roll-out is not about it
    };
    std::map<spec::InstanceName, Shown> shown_;
    PauseChecks pauses_;
    LifeChecks lives_;
    ProbeChecks probes_;
    SwitchChecks switches_;
    RetireChecks retires_;
};

}  // namespace reeve::sim
