#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/action.h"
#include "core/event.h"
#include "sim/world.h"
#include "spec/app.h"
#include "status/instance.h"

namespace reeve::sim {

/// What was replaced, or taken away, behind a proxy: it lives on until the proxy has let go of it
/// or the time of its RolloutSpec is over, and no longer; then it has its `retire_wait`.
class RetireChecks {
public:
    using Instances = std::map<spec::InstanceName, status::Instance>;

    /// `before` and `after` are the instances around the event; `draining` are the apps of which
    /// the core says that something waits for TrafficGone. Returns the first breach, or nothing.
    std::string after_event(const core::Event& event, const core::Actions& actions,
                            const Instances& before, const Instances& after,
                            const std::vector<std::string>& draining, const World& world,
                            TimePoint now);

    /// Another daemon took over, and may have sent signals that were not seen here.
    void forget() { retiring_.clear(); }

private:
    struct Terms {
        spec::RolloutSpec rollout;
        bool behind_proxy = false;
        bool has_ladder = false;
    };
    struct Retirement {
        spec::InstanceName instance;
        Terms terms;
        bool is_replaced = true;  // else: taken away
        bool awaits_proxy = false;
        TimePoint until;                     // no signal before, and one by then
        std::optional<TimePoint> signalled;  // the first time
        bool is_over = false;                // its ladder has begun
    };

    void note_event(const core::Event& event, TimePoint now);
    void note_begins(const Instances& before, const Instances& after,
                     const std::set<core::RunId>& signalled, TimePoint now);

    static std::string note_signal(Retirement& retirement, TimePoint now);
    static std::string check(const Retirement& retirement, bool all_due_is_done,
                             const std::vector<std::string>& draining, TimePoint now);

    std::map<core::RunId, Terms> terms_;
    std::map<core::RunId, Retirement> retiring_;
};

}  // namespace reeve::sim
