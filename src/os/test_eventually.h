#pragma once

#include <unistd.h>

namespace reeve::os {

/// For tests: waits up to two seconds until `claim()` holds, for what the kernel does in its own
/// time. Whether it came to hold.
template <typename Claim>
bool eventually(const Claim& claim) {
    for (int i = 0; i < 2000; ++i) {
        if (claim()) return true;
        ::usleep(1000);  // tidy: the kernel sends no event for this
    }
    return false;
}

}  // namespace reeve::os
