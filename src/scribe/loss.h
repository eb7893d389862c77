#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace reeve::scribe {

/// Counts the lines and bytes of a stream that could not be written.
class Loss {
public:
    /// This text of the stream is lost. A line lost in pieces counts once.
    void add(std::string_view text);

    /// Of what was formatted as `out` (lines with a stamp of `stamp_bytes` in front, the first one
    /// without if it `continues` a line), all from `written` on is lost.
    void add_unwritten(std::string_view out, bool continues, std::size_t stamp_bytes,
                       std::size_t written);

    /// Counts from zero again; the rest of a line that was counted is not counted again.
    void restart() { lines_ = bytes_ = 0; }

    std::uint64_t lines() const { return lines_; }
    std::uint64_t bytes() const { return bytes_; }
    bool empty() const { return bytes_ == 0; }
    /// The last lost line goes on: what follows up to its end belongs to it.
    bool mid_line() const { return mid_line_; }

    /// `12 lines (345 bytes) were lost: No space left on device`.
    std::string note(std::string_view reason) const;

private:
    std::uint64_t lines_ = 0;
    std::uint64_t bytes_ = 0;
    bool mid_line_ = false;
};

}  // namespace reeve::scribe
