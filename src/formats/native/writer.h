#pragma once

#include "formats/written.h"
#include "spec/app.h"

namespace reeve::formats::native {

/// The app as a reeve.toml; what has its default value is left out. Read again it is the same app,
/// but for its format and source, and for what stands in `problems`.
WrittenFiles write_app(const spec::App& app);

}  // namespace reeve::formats::native
