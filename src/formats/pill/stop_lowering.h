#pragma once

#include "formats/json/jsonc.h"
#include "formats/pill/document.h"
#include "spec/stop_spec.h"

namespace reeve::formats::pill {

/// How long a process has after the last of its own signals before reeve kills it. Bluepill leaves
/// it alone; every stop of reeve ends.
inline constexpr Duration kLastPatience = 10s;

/// `stop_command`: the command once, then `grace` for its effect, then SIGTERM and at last SIGKILL.
spec::StopSpec stop_by_command(const spec::Command& command, Duration grace);

/// `stop_signals` (`[signal, delay, signal, …]`, each sent only while the process lives), or a
/// SIGTERM where there are none.
spec::StopSpec stop_by_signals(Document& document, const Place& place, const json::Value* signals,
                               Duration grace);

}  // namespace reeve::formats::pill
