#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "cli/context.h"
#include "spec/app.h"

namespace reeve::cli {

/// The spec that reeve runs an app from, environment included; nullopt: it runs none of that name.
Result<std::optional<spec::App>> fetch_spec(const Context& context, const std::string& app);

}  // namespace reeve::cli
