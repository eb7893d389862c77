#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "spec/app.h"

namespace reeve::core {

/// What a new spec of an app means for one of its services.
enum class ServiceChange {
    Keep,     // what runs is not touched: it could have been started from the new spec, or it may
              // wait for the next start (spec::OnChange)
    Replace,  // what runs is replaced by a roll-out
    Add,
    Remove
};

struct ServiceStep {
    std::string service;
    ServiceChange change = ServiceChange::Keep;
    friend bool operator==(const ServiceStep&, const ServiceStep&) = default;
};

/// Whether a process of the one service is as good as one of the other: rules that are applied from
/// outside (restart, stop, roll-out, checks, number of instances) do not matter.
bool is_same_process(const spec::Service& before, const spec::Service& after);

/// One step for each service of either spec, in the order of their names.
std::vector<ServiceStep> plan_reload(const spec::App& before, const spec::App& after);

/// What a new spec means for what runs of a service, for people to look at before they load it.
enum class PlannedChange {
    Keep,     // nothing changed
    Live,     // new values count from now on; no process is touched
    Roll,     // its instances are replaced, and some are always there
    Restart,  // its instances are replaced, and for a moment there is none
    Later,    // new values count from its next start on, as its `on_change` says
    Start,
    Stop
};

/// `keep`, `live`, `roll`, …
std::string_view to_text(PlannedChange change);

struct PlannedStep {
    std::string service;
    PlannedChange change = PlannedChange::Keep;
    std::vector<std::string> fields;  // that differ; those of the app as `app.environment`
};

/// The plan in the order of the services' names. `scaled`: how many instances operators wanted of
/// services, where they said so.
std::vector<PlannedStep> describe_reload(const spec::App& before, const spec::App& after,
                                         const std::map<std::string, std::uint32_t>& scaled);

}  // namespace reeve::core
