#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace reeve {

/// Appends numbers and texts to a compact binary form (LEB128 numbers, length-prefixed texts).
/// Used for the messages between reeve's processes and for the runtime journal.
class ByteWriter {
public:
    void number(std::uint64_t value);
    void signed_number(std::int64_t value);
    void flag(bool value) { bytes_.push_back(value ? '\1' : '\0'); }
    void text(std::string_view value);
    void time(TimePoint value) { signed_number(value.time_since_epoch().count()); }
    void duration(Duration value) { signed_number(value.count()); }
    void deadline(Deadline value);

    /// What was written; the writer is empty afterwards.
    std::string take() { return std::move(bytes_); }
    const std::string& bytes() const { return bytes_; }

private:
    std::string bytes_;
};

/// Reads what ByteWriter wrote. A read past the end or of a malformed number gives zero values and
/// makes `ok()` false for good: check it once, at the end.
class ByteReader {
public:
    /// `bytes` must outlive the reader.
    explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

    std::uint64_t number();
    std::int64_t signed_number();
    bool flag();
    std::string text();
    TimePoint time() { return TimePoint(Duration(signed_number())); }
    Duration duration() { return Duration(signed_number()); }
    Deadline deadline();

    /// Whether every read so far found what it asked for.
    bool ok() const { return ok_; }
    /// Whether everything was read, and read well.
    bool finished() const { return ok_ && rest_.empty(); }

private:
    std::string_view rest_;
    bool ok_ = true;
};

/// CRC-32 (the one of zlib and Ethernet), to tell a torn record from a whole one.
std::uint32_t crc32(std::string_view bytes);

}  // namespace reeve
