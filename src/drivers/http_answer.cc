#include "drivers/http_answer.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace reeve::drivers {
namespace {

constexpr std::size_t kLineBytesMax = 1024;  // of a chunk's size

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) ==
               std::tolower(static_cast<unsigned char>(y));
    });
}

/// `HTTP/1.1 200 OK` -> 200; 0: no status line.
std::uint32_t status_of(std::string_view line) {
    const bool known = line.starts_with("HTTP/1.") && line.size() >= 12 && line[8] == ' ';
    if (!known) return 0;
    const Result<std::int64_t> status = parse_integer(line.substr(9, 3));
    const bool ends = line.size() == 12 || line[12] == ' ';
    return status && ends && *status >= 100 && *status <= 999 ? static_cast<std::uint32_t>(*status)
                                                              : 0;
}

}  // namespace

HttpAnswer::Progress HttpAnswer::progress() const {
    if (part_ == Part::Broken) return Progress::Broken;
    return part_ == Part::Done ? Progress::Complete : Progress::Reading;
}

HttpAnswer::Progress HttpAnswer::feed(std::string_view bytes) {
    if (progress() != Progress::Reading) return progress();
    pending_ += bytes;
    return go_on();
}

HttpAnswer::Progress HttpAnswer::end() {
    if (part_ == Part::UntilClose) part_ = Part::Done;
    if (part_ != Part::Done) part_ = Part::Broken;
    return progress();
}

HttpAnswer::Progress HttpAnswer::go_on() {
    for (bool moved = true; moved;) {
        switch (part_) {
            case Part::Head:
                moved = read_head();
                break;
            case Part::UntilClose:
                take_body(pending_.size());
                moved = false;
                break;
            case Part::Length:
            case Part::ChunkData: {
                const bool in_chunk = part_ == Part::ChunkData;
                const auto bytes = std::min<std::uint64_t>(left_, pending_.size());
                left_ -= bytes;
                take_body(static_cast<std::size_t>(bytes));
                moved = left_ == 0 && part_ != Part::Done;
                if (moved) part_ = in_chunk ? Part::ChunkEnd : Part::Done;
                break;
            }
            case Part::ChunkSize:
            case Part::ChunkEnd:
                moved = read_chunk_size();
                break;
            case Part::Done:
            case Part::Broken:
                moved = false;
                break;
        }
    }
    return progress();
}

/// Cuts a line that is whole off the head.
bool HttpAnswer::read_head() {
    const std::size_t end = pending_.find('\n');
    if (end == std::string::npos || end + 1 > kHeadBytesMax) {
        if (pending_.size() > kHeadBytesMax) part_ = Part::Broken;
        return false;
    }
    std::string line = pending_.substr(0, end);
    pending_.erase(0, end + 1);
    if (line.ends_with('\r')) line.pop_back();
    if (status_ == 0) {
        status_ = status_of(line);
        status_line_ = status_ == 0 ? "" : line.substr(9);
        if (status_ == 0) part_ = Part::Broken;
        return status_ != 0;
    }
    if (!line.empty()) {
        read_header(line);
        return true;
    }
    if (status_ < 200) {  // `100 Continue`: the answer proper follows
        status_ = 0;
        return true;
    }
    const bool no_body = status_ == 204 || status_ == 304 || (has_length_ && left_ == 0);
    part_ = no_body       ? Part::Done
            : chunked_    ? Part::ChunkSize
            : has_length_ ? Part::Length
                          : Part::UntilClose;
    return true;
}

void HttpAnswer::read_header(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trim(line.substr(colon + 1));
    if (equals_ignoring_case(name, "location")) location_ = value;
    if (equals_ignoring_case(name, "transfer-encoding")) {
        chunked_ = equals_ignoring_case(value, "chunked");
    }
    if (equals_ignoring_case(name, "content-length")) {
        const Result<std::int64_t> length = parse_integer(value);
        has_length_ = length && *length >= 0;
        left_ = has_length_ ? static_cast<std::uint64_t>(*length) : 0;
    }
}

/// The line before a chunk, or the empty one behind it.
bool HttpAnswer::read_chunk_size() {
    const std::size_t end = pending_.find('\n');
    if (end == std::string::npos) {
        if (pending_.size() > kLineBytesMax) part_ = Part::Broken;
        return false;
    }
    const std::string line(trim(std::string_view(pending_).substr(0, end)));
    pending_.erase(0, end + 1);
    if (part_ == Part::ChunkEnd) {
        part_ = line.empty() ? Part::ChunkSize : Part::Broken;
        return true;
    }
    const Result<std::uint64_t> size = parse_hex(trim(line.substr(0, line.find(';'))));
    if (!size) {
        part_ = Part::Broken;
        return false;
    }
    left_ = *size;
    part_ = left_ == 0 ? Part::Done : Part::ChunkData;
    return true;
}

void HttpAnswer::take_body(std::size_t bytes) {
    const std::size_t room = kBodyBytesMax - body_.size();
    body_.append(pending_, 0, std::min(bytes, room));
    pending_.erase(0, bytes);
    if (bytes > room) part_ = Part::Done;  // enough to judge by
}

}  // namespace reeve::drivers
