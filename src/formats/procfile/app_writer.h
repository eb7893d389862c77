#pragma once

#include "formats/written.h"
#include "spec/app.h"

namespace reeve::formats::procfile {

/// The app as a Procfile, with a `.env` and an `app.json` where it needs them. What comes out is
/// read again, and every difference becomes a problem: nothing is dropped without a word.
WrittenFiles write_app(const spec::App& app);

}  // namespace reeve::formats::procfile
