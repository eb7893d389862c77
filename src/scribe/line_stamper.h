#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/time.h"

namespace reeve::scribe {

/// A longer line is split, so that what is kept open between two reads stays bounded.
inline constexpr std::size_t kLineBytesMax = 64 * 1024;

/// Bytes of `2026-11-20T12:17:24.123456Z `, in front of every line of a stamped log.
inline constexpr std::size_t kStampBytes = 28;

/// Writes the stamp of a moment; the part that changes once a second is remembered.
class Stamp {
public:
    /// Valid until the next call.
    std::string_view at(WallTime time);

private:
    std::int64_t second_ = INT64_MIN;  // whose date and time `text_` shows
    std::array<char, kStampBytes> text_{};
};

/// A piece of memory that is filled at its end and written from its front.
class OutputBuffer {
public:
    explicit OutputBuffer(std::size_t capacity)
        : bytes_(std::make_unique_for_overwrite<char[]>(capacity)), capacity_(capacity) {}

    /// All that was appended, written or not.
    std::string_view content() const { return {bytes_.get(), size_}; }
    std::string_view unwritten() const { return content().substr(written_); }
    std::size_t written() const { return written_; }
    std::size_t room() const { return capacity_ - size_; }
    void clear() { size_ = written_ = 0; }
    /// So much of `unwritten` is written now.
    void count_written(std::size_t bytes) { written_ += bytes; }
    /// Makes room: takes away so much at the front, at most what is written.
    void drop_front(std::size_t bytes) {
        __builtin_memmove(bytes_.get(), bytes_.get() + bytes, size_ - bytes);
        size_ -= bytes;
        written_ -= bytes;
    }
    /// There must be room.
    void append(std::string_view bytes) {
        __builtin_memcpy(bytes_.get() + size_, bytes.data(), bytes.size());
        size_ += bytes.size();
    }

private:
    std::unique_ptr<char[]> bytes_;  // not zeroed: untouched pages cost nothing
    std::size_t capacity_;
    std::size_t size_ = 0;
    std::size_t written_ = 0;
};

/// Puts a stamp in front of each line of a stream that arrives in pieces cut anywhere. What comes
/// out depends on the bytes of the stream only, not on where it was cut (but for the stamps).
class LineStamper {
public:
    /// Appends the lines of `in` to `out`, each with `stamp` (may be empty) in front, as far as
    /// there is room. Returns how many bytes of `in` were taken. An empty `out` always gets
    /// something, if it can hold a stamp and one byte.
    std::size_t stamp(std::string_view in, std::string_view stamp, OutputBuffer& out);

    /// The next byte continues a line.
    bool mid_line() const { return line_bytes_ > 0; }

    /// The next byte begins a line (0), or continues one of which so much was seen.
    void restart_at(std::size_t line_bytes) { line_bytes_ = line_bytes; }
    std::size_t line_bytes() const { return line_bytes_; }

private:
    std::size_t line_bytes_ = 0;  // of the unfinished line, without its stamp
};

}  // namespace reeve::scribe
