#include "core/reload_plan.h"

#include <map>
#include <optional>

#include "spec/changes.h"

namespace reeve::core {
namespace {

/// Whether somebody is always there while instances are replaced.
bool leaves_some(const spec::Service& service, std::uint32_t instances) {
    return service.rollout.order == spec::ReplaceOrder::StartFirst ||
           instances > service.rollout.max_unavailable;
}

}  // namespace

namespace {

std::optional<Duration> watchdog_time(const spec::Service& service) {
    for (const spec::Check& check : service.checks) {
        const auto* watchdog = std::get_if<spec::WatchdogProbe>(&check.probe);
        if (watchdog != nullptr) return watchdog->within;
    }
    return std::nullopt;
}

}  // namespace

bool is_same_process(const spec::Service& before, const spec::Service& after) {
    spec::Service expected = before;
    expected.restart = after.restart;
    expected.restart_command = after.restart_command;
    expected.reload_signal = after.reload_signal;
    expected.stop = after.stop;
    expected.rollout = after.rollout;
    expected.instances = after.instances;
    expected.auto_start = after.auto_start;
    expected.spawn_timeout = after.spawn_timeout;
    expected.listing = after.listing;
    expected.on_change = after.on_change;
    expected.on_remove = after.on_remove;
    expected.checks = after.checks;
    expected.needs = after.needs;
    // The process was told at its start how often to report.
    return expected == after && watchdog_time(before) == watchdog_time(after);
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

std::string_view to_text(PlannedChange change) {
    switch (change) {
        case PlannedChange::Keep:
            return "keep";
        case PlannedChange::Live:
            return "live";
        case PlannedChange::Roll:
            return "roll";
        case PlannedChange::Restart:
            return "restart";
        case PlannedChange::Later:
            return "later";
        case PlannedChange::Start:
            return "start";
        case PlannedChange::Stop:
            return "stop";
    }
    return "";
}

std::vector<PlannedStep> describe_reload(const spec::App& before, const spec::App& after,
                                         const std::map<std::string, std::uint32_t>& scaled) {
    std::vector<PlannedStep> plan;
    for (const ServiceStep& step : plan_reload(before, after)) {
        PlannedStep planned{step.service, PlannedChange::Keep, {}};
        const spec::Service* old = spec::find_service(before, step.service);
        const spec::Service* wanted = spec::find_service(after, step.service);
        if (old != nullptr && wanted != nullptr)
            planned.fields = spec::changed_fields(*old, *wanted);
        if (step.change == ServiceChange::Add) {
            planned.change = PlannedChange::Start;
        } else if (step.change == ServiceChange::Remove) {
            planned.change = PlannedChange::Stop;
        } else if (step.change == ServiceChange::Replace) {
            for (const std::string& field : spec::changed_fields(before, after)) {
                if (field == "directory" || field == "environment")
                    planned.fields.push_back("app." + field);
            }
            const auto number = scaled.find(step.service);
            const std::uint32_t instances =
                number == scaled.end() ? wanted->instances : number->second;
            planned.change =
                leaves_some(*wanted, instances) ? PlannedChange::Roll : PlannedChange::Restart;
        } else if (!planned.fields.empty()) {
            planned.change =
                is_same_process(*old, *wanted) ? PlannedChange::Live : PlannedChange::Later;
        }
        plan.push_back(std::move(planned));
    }
    return plan;
}

}  // namespace reeve::core
