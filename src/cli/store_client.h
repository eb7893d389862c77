#pragma once

#include <string>
#include <vector>

#include "api/store_request.h"
#include "base/result.h"
#include "cli/context.h"

// What the CLI asks about what is remembered of apps (api/store_request.h).
namespace reeve::cli {

/// The names of all apps. An error's code is the errno that the client met.
Result<std::vector<std::string>> fetch_app_names(const Context& context);

/// The records of one app, or of all (api::kGlobalApp).
Result<api::StoredRecords> fetch_records(const Context& context, const std::string& app);

/// Changes them. The error is the daemon's refusal; a warning is said on stderr.
Result<void> change_store(const Context& context, api::StoreChange change);

/// Starts reeve where none is running.
Result<void> make_sure_reeve_runs(const Context& context);

}  // namespace reeve::cli
