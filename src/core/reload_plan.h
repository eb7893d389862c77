#pragma once

#include <string>
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
/// outside (restart, stop, roll-out, number of instances) do not matter.
bool is_same_process(const spec::Service& before, const spec::Service& after);

/// One step for each service of either spec, in the order of their names.
std::vector<ServiceStep> plan_reload(const spec::App& before, const spec::App& after);

}  // namespace reeve::core
