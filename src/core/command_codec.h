#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "core/event.h"

// What operators command, as a part of recorded events (core/event_codec.h).
namespace reeve::core {

/// Entries of a list that are read at most.
inline constexpr std::uint64_t kEntriesMax = 100'000;

void write_command_kind(ByteWriter& writer, const CommandKind& kind);

/// nullopt: it cannot be read.
std::optional<CommandKind> read_command_kind(ByteReader& reader);

void write_named_event(ByteWriter& writer, const spec::NamedEvent& event);
spec::NamedEvent read_named_event(ByteReader& reader);

void write_optional_text(ByteWriter& writer, const std::optional<std::string>& text);
std::optional<std::string> read_optional_text(ByteReader& reader);

void write_app(ByteWriter& writer, const std::shared_ptr<const spec::App>& app);

/// nullptr: there was none, or it cannot be read.
std::shared_ptr<const spec::App> read_app(ByteReader& reader);

}  // namespace reeve::core
