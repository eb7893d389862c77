#include "core/reload_plan.h"

#include <map>

namespace reeve::core {

bool is_same_process(const spec::Service& before, const spec::Service& after) {
    spec::Service expected = before;
    expected.restart = after.restart;
    expected.stop = after.stop;
    expected.rollout = after.rollout;
    expected.instances = after.instances;
    expected.auto_start = after.auto_start;
    expected.spawn_timeout = after.spawn_timeout;
    expected.listing = after.listing;
    expected.on_change = after.on_change;
    expected.on_remove = after.on_remove;
    return expected == after;
}

std::vector<ServiceStep> plan_reload(const spec::App& before, const spec::App& after) {
    const bool same_ground =
        before.directory == after.directory && before.environment == after.environment;
    std::map<std::string, ServiceChange> changes;
    for (const spec::Service& service : before.services) {
        changes[service.name] = ServiceChange::Remove;
    }
    for (const spec::Service& service : after.services) {
        const spec::Service* old = spec::find_service(before, service.name);
        if (old == nullptr) {
            changes[service.name] = ServiceChange::Add;
            continue;
        }
        const bool keep = service.on_change == spec::OnChange::NextStart ||
                          (same_ground && is_same_process(*old, service));
        changes[service.name] = keep ? ServiceChange::Keep : ServiceChange::Replace;
    }
    std::vector<ServiceStep> steps;
    for (const auto& [name, change] : changes)
        steps.push_back(ServiceStep{name, change});
    return steps;
}

}  // namespace reeve::core
