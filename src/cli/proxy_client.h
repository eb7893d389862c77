#pragma once

#include <string>

#include "api/proxy_request.h"
#include "base/result.h"
#include "cli/context.h"

// What the CLI asks about the proxy in front of an app (api/proxy_request.h).
namespace reeve::cli {

Result<api::ProxyView> fetch_proxy(const Context& context, const std::string& app);

/// Waits until it is in force; the error is nginx's objection.
Result<void> change_proxy(const Context& context, const std::string& app, api::ProxyAct act);

}  // namespace reeve::cli
