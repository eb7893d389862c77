#pragma once

#include <string>

#include "base/result.h"
#include "drivers/tls_module.h"

namespace reeve::drivers {

/// The functions of the module for TLS (drivers/tls_module.h).
struct Tls {
    decltype(&reeve_tls_connection) connection = nullptr;
    decltype(&reeve_tls_problem) problem = nullptr;
};

/// Loads the module from ../lib/reeve, seen from the directory of this program. Once: later calls
/// give the same, an error too, which names the file.
const Result<Tls>& load_tls();

}  // namespace reeve::drivers
