#pragma once

#include <string>
#include <vector>

#include "spec/app.h"

namespace reeve::spec {

/// The fields in which two services differ, by their names in JSON: `command`, `stop`.
std::vector<std::string> changed_fields(const Service& before, const Service& after);

/// The fields of the apps themselves; `services` is not looked into.
std::vector<std::string> changed_fields(const App& before, const App& after);

}  // namespace reeve::spec
