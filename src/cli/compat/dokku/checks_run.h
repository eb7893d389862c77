#pragma once

#include "cli/compat/dokku/session.h"

namespace reeve::cli::compat::dokku {

/// `checks:run <app> [type|type.N,...]`: asks every instance that is meant what its startup checks
/// ask, and says what it answered. Source: dokku checks:run, docker-container-healthchecker.
int checks_run(Session& session, const Words& words);

}  // namespace reeve::cli::compat::dokku
