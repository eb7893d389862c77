#pragma once

#include <string_view>

#include "spec/app.h"

namespace reeve::spec {

/// The `source` of an app that is one command beside another app, under reeve (`run:detached`): it
/// is forgotten when the command has ended, and not started again at boot.
inline constexpr std::string_view kOneOffSource = "(a command beside an app)";

inline bool is_one_off(const App& app) {
    return app.source == kOneOffSource;
}

}  // namespace reeve::spec
