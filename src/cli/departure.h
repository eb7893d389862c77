#pragma once

#include "api/client.h"
#include "base/result.h"
#include "base/time.h"

namespace reeve::cli {

/// Waits until nobody answers on the client's socket any more. False: not in time.
bool wait_until_gone(const api::Client& client, Deadline until);

}  // namespace reeve::cli
