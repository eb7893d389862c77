#pragma once

#include <string>

#include "core/action.h"
#include "core/event.h"

namespace reeve::sim {

/// One line for a person: `exited run 3 (exit code 1)`, `spawn run 4: main of shop/web.1`.
std::string describe(const core::Event& event);
std::string describe(const core::Action& action);

}  // namespace reeve::sim
