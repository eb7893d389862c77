#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace reeve::drivers {

/// Reads the answer to one HTTP request that asked for `Connection: close`, as it comes in pieces.
/// Pure: bytes in, parts out. Everything is bounded: a longer body is cut, and says so.
class HttpAnswer {
public:
    static constexpr std::size_t kHeadBytesMax = 64 * 1024;
    static constexpr std::size_t kBodyBytesMax = 1024 * 1024;

    enum class Progress {
        Reading,
        Complete,  // nothing more is needed
        Broken     // this is no HTTP/1.x
    };

    /// Takes in what was read.
    Progress feed(std::string_view bytes);
    /// The other side has closed: the end of a body without a length.
    Progress end();

    std::uint32_t status() const { return status_; }
    /// `503 Service Unavailable`.
    const std::string& status_line() const { return status_line_; }
    const std::string& location() const { return location_; }
    const std::string& body() const { return body_; }

private:
    enum class Part { Head, Length, UntilClose, ChunkSize, ChunkData, ChunkEnd, Done, Broken };
    Progress go_on();
    bool read_head();
    void read_header(std::string_view line);
    bool read_chunk_size();
    void take_body(std::size_t bytes);
    Progress progress() const;

    Part part_ = Part::Head;
    std::string pending_;  // read and not understood yet
    std::uint32_t status_ = 0;
    std::string status_line_;
    std::string location_;
    std::string body_;
    bool chunked_ = false;
    bool has_length_ = false;
    std::uint64_t left_ = 0;  // of the body, or of the chunk
};

}  // namespace reeve::drivers
