#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "spec/instance_name.h"
#include "status/exit.h"
#include "status/transition.h"

// The small values of the runtime journal.
namespace reeve::core {

void write_name(ByteWriter& writer, const spec::InstanceName& name);
spec::InstanceName read_name(ByteReader& reader);

void write_exit(ByteWriter& writer, const status::Exit& exit);
status::Exit read_exit(ByteReader& reader);

void write_cause(ByteWriter& writer, const status::Cause& cause);
status::Cause read_cause(ByteReader& reader);

void write_numbers(ByteWriter& writer, const std::vector<std::uint64_t>& numbers);
std::vector<std::uint64_t> read_numbers(ByteReader& reader);

template <typename Enum>
void write_enum(ByteWriter& writer, Enum value) {
    writer.number(static_cast<std::uint64_t>(value));
}

/// A value that is out of range reads as `last`, the greatest one.
template <typename Enum>
Enum read_enum(ByteReader& reader, Enum last) {
    const std::uint64_t value = reader.number();
    return value > static_cast<std::uint64_t>(last) ? last : static_cast<Enum>(value);
}

}  // namespace reeve::core
