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

/// Whether the system's libevent_openssl, which is of the version `systems`, may use the libevent
/// in this program, which is of the version `own`: of another version they differ inside, and would
/// write over each other's memory. `systems` is nullptr where it is not known.
Result<void> check_libevent(const char* own, const char* systems);

/// Loads the module from ../lib/reeve, seen from the directory of this program. Once: later calls
/// give the same, an error too, which names the file or the two versions of libevent.
const Result<Tls>& load_tls();

}  // namespace reeve::drivers
