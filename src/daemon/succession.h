#pragma once

#include <map>
#include <string>

namespace reeve::daemon {

/// Descriptors by the names under which the keeper stores them; borrowed.
using Inheritance = std::map<std::string, int>;

/// Executes the keeper's program in this process, which takes over what is inherited and starts a
/// new reeved below it. Called when the keeper has died: no run notices. Ends the process if that
/// fails.
[[noreturn]] void become_keeper(const Inheritance& inheritance);

}  // namespace reeve::daemon
