#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "core/event.h"
#include "core/manager.h"
#include "core/record.h"

// What a daemon's core was told, as bytes: since it is told everything that it knows, the same told
// to another one makes it decide the same (`sim_runner --replay FILE`). A recording is for looking
// into a mistake with the version that made it, and has whatever the environment of a service has.
namespace reeve::core {

/// Most bytes of a recording; what comes later is not in it.
inline constexpr std::size_t kRecordingBytesMax = std::size_t{1} << 30;

/// A daemon has begun: anew, or with the journal of the one before.
struct RecordedStart {
    ManagerSettings settings;
    TimePoint now;
    bool restored = false;
    std::vector<Record> records;
};

/// An event that was handed in.
struct RecordedEvent {
    TimePoint now;
    Event event;
};

using Recorded = std::variant<RecordedStart, RecordedEvent>;

/// The entries to append to a recording, which may be empty before.
std::string to_recording(const RecordedStart& start);
std::string to_recording(const Event& event, TimePoint now);

/// All entries; one that was cut short at the end is left out. Fails where the file is no
/// recording, or one of another version.
Result<std::vector<Recorded>> read_recording(std::string_view bytes);

}  // namespace reeve::core
