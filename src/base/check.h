#pragma once

namespace reeve {

/// Reports a broken promise of our own code on stderr and aborts.
[[noreturn]] void check_failed(const char* claim, const char* file, int line);

}  // namespace reeve

/// A claim about our own code that must hold, in release builds too.
#define CHECK(claim)                                                     \
    do {                                                                 \
        if (!(claim)) ::reeve::check_failed(#claim, __FILE__, __LINE__); \
    } while (false)
