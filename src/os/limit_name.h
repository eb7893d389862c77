#pragma once

#include <string>

namespace reeve::os {

/// The name of a limit of setrlimit(2) as shells and Upstart have it: `nofile`.
std::string limit_name(int resource);

}  // namespace reeve::os
