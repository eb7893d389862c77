#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reeve::api {

/// What a new configuration means for one service.
struct PlannedStep {
    std::string service;
    std::string change;               // `keep`, `live`, `roll`, `restart`, `start`, `stop`
    std::vector<std::string> fields;  // that differ, by their names in JSON; `app.` for the app's
};

/// The body of the answer to a plan: `{"app": …, "steps": […]}`.
std::string plan_json(std::string_view app, const std::vector<PlannedStep>& steps);

/// The same for people, one service to a line.
std::string plan_text(const std::vector<PlannedStep>& steps);

}  // namespace reeve::api
