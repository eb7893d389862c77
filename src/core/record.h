#pragma once

#include <string>

namespace reeve::core {

/// One piece of the manager's state under a key, as the runtime journal keeps it.
struct Record {
    std::string key;
    std::string value;
    bool erased = false;
};

}  // namespace reeve::core
