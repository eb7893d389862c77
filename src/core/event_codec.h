#pragma once

#include <optional>

#include "base/bytes.h"
#include "core/event.h"

namespace reeve::core {

/// Writes an event as it stands, with the spec that it brings: what is read back makes a manager
/// decide the same. For recordings (core/recording.h); not kept from version to version.
void write_event(ByteWriter& writer, const Event& event);

/// nullopt: it cannot be read.
std::optional<Event> read_event(ByteReader& reader);

}  // namespace reeve::core
