#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/diagnostic.h"
#include "spec/app.h"

namespace reeve::formats::pill {

/// An evaluated pill, and what the reader cannot know by itself.
struct PillText {
    std::string path;  // for messages
    std::string json;  // as the recorder (ruby/recorder.rb) hands it over
    /// Who processes without a `uid` run as: the one who loads (`root`). Empty: left to the daemon.
    std::string loader;
    std::string ruby_directory;  // where host.rb is
    std::string socket;          // of the API, for host.rb
};

/// The service that runs the condition and trigger classes of a pill, and looks after monitored
/// children (ruby/host.rb), where it has any. It is reeve's own, and no process of the pill.
inline constexpr std::string_view kHostService = "ruby checks";

/// One application of a pill.
struct PillApp {
    spec::App app;
    bool foreground = false;  // `:foreground => true`
};

/// Reads what the recorder made of a pill: every application in it, with Bluepill's defaults
/// written into the spec. Unknown attributes are warned about with what was probably meant.
/// Source: bluepill 0.1.3 (docs/compatibility/bluepill.md).
Reading<std::vector<PillApp>> read_pill(const PillText& text);

/// The evaluated JSON of a pill by its beginning.
bool is_evaluated_pill(std::string_view text);

}  // namespace reeve::formats::pill
