#include "core/recording.h"

#include <optional>
#include <utility>

#include "base/bytes.h"
#include "core/event_codec.h"

namespace reeve::core {
namespace {

constexpr std::string_view kMagic = "reeve recording 1\n";
constexpr std::size_t kLengthBytes = 4;

enum class EntryKind { Start, Event };

/// The length of the entry in four bytes, least first, then the entry.
std::string framed(const std::string& entry) {
    std::string bytes;
    for (std::size_t i = 0; i < kLengthBytes; ++i)
        bytes.push_back(static_cast<char>((entry.size() >> (8 * i)) & 0xFF));
    return bytes + entry;
}

std::size_t length_at(std::string_view bytes) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < kLengthBytes; ++i)
        length |= static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    return length;
}

std::optional<Recorded> read_start(ByteReader& reader) {
    RecordedStart start;
    start.settings.epoch = static_cast<std::uint32_t>(reader.number());
    start.settings.seed = reader.number();
    start.settings.spawning_max = static_cast<std::uint32_t>(reader.number());
    start.now = reader.time();
    start.restored = reader.flag();
    const std::uint64_t count = reader.number();
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
        std::string key = reader.text();
        start.records.push_back(Record{std::move(key), reader.text(), false});
    }
    if (!reader.finished()) return std::nullopt;
    return start;
}

std::optional<Recorded> read_entry(std::string_view entry) {
    ByteReader reader(entry);
    if (reader.number() == static_cast<std::uint64_t>(EntryKind::Start)) return read_start(reader);
    const TimePoint now = reader.time();
    std::optional<Event> event = read_event(reader);
    if (!event || !reader.finished()) return std::nullopt;
    return RecordedEvent{now, std::move(*event)};
}

}  // namespace

std::string to_recording(const RecordedStart& start) {
    ByteWriter writer;
    writer.number(static_cast<std::uint64_t>(EntryKind::Start));
    writer.number(start.settings.epoch);
    writer.number(start.settings.seed);
    writer.number(start.settings.spawning_max);
    writer.time(start.now);
    writer.flag(start.restored);
    writer.number(start.records.size());
    for (const Record& record : start.records) {
        writer.text(record.key);
        writer.text(record.value);
    }
    return std::string(kMagic) + framed(writer.take());
}

std::string to_recording(const Event& event, TimePoint now) {
    ByteWriter writer;
    writer.number(static_cast<std::uint64_t>(EntryKind::Event));
    writer.time(now);
    write_event(writer, event);
    return framed(writer.take());
}

Result<std::vector<Recorded>> read_recording(std::string_view bytes) {
    std::vector<Recorded> entries;
    while (!bytes.empty()) {
        const bool begins = bytes.starts_with(kMagic);
        if (begins) bytes.remove_prefix(kMagic.size());
        if (!begins && entries.empty()) return Error{"this is no recording of this version"};
        if (bytes.size() < kLengthBytes || bytes.size() - kLengthBytes < length_at(bytes)) break;
        const std::size_t length = length_at(bytes);
        std::optional<Recorded> entry = read_entry(bytes.substr(kLengthBytes, length));
        if (!entry) {
            return Error{"entry " + std::to_string(entries.size() + 1) + " cannot be read"};
        }
        entries.push_back(std::move(*entry));
        bytes.remove_prefix(kLengthBytes + length);
    }
    return entries;
}

}  // namespace reeve::core
