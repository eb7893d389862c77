#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

// HTTP/1.1 as texts: what both ends of the API share. Pure; strict in what it reads. Bodies have a
// Content-Length, or, in answers only, come in chunks.
namespace reeve::api {

/// Header fields by their name in lower case.
using HttpHeaders = std::map<std::string, std::string>;

/// The head of a request, taken apart.
struct HttpRequestHead {
    std::string method;
    std::string path;                                        // unescaped, without the query
    std::vector<std::pair<std::string, std::string>> query;  // unescaped, in order
    HttpHeaders headers;
    std::size_t content_length = 0;
    bool keep_alive = true;
    bool expects_continue = false;  // the body comes only after `100 Continue`
};

/// The first value of that name in the query, or nullopt.
std::optional<std::string> query_value(const HttpRequestHead& head, std::string_view name);

/// Every value of that name in the query, in order.
std::vector<std::string> query_values(const HttpRequestHead& head, std::string_view name);

/// Reads a request's head, up to and with the empty line. The error's code is the HTTP status to
/// answer with.
Result<HttpRequestHead> parse_request_head(std::string_view text);

/// The head of an answer, taken apart.
struct HttpResponseHead {
    int status = 0;
    HttpHeaders headers;
    std::optional<std::size_t> content_length;
    bool chunked = false;
};

/// Reads an answer's head, up to and with the empty line.
Result<HttpResponseHead> parse_response_head(std::string_view text);

/// An answer's head, ready to send. `content_length` nullopt: the body comes in chunks.
std::string format_response_head(int status, std::string_view content_type,
                                 std::optional<std::size_t> content_length, bool keep_alive,
                                 const HttpHeaders& headers);

/// One chunk of a chunked body, ready to send. An empty one ends the body.
std::string format_chunk(std::string_view data);

/// Takes the chunks out of a chunked body, in whatever pieces it arrives.
class ChunkReader {
public:
    /// Appends what `piece` holds of the body to `out`. After an error nothing more may be fed.
    Result<void> feed(std::string_view piece, std::string& out);

    /// Whether the last chunk has been seen.
    bool finished() const { return state_ == State::Finished; }

private:
    enum class State { Size, Data, DataEnd, Trailer, Finished };
    Result<void> take_line();

    State state_ = State::Size;
    std::string line_;
    std::size_t left_ = 0;  // of the chunk's data
};

/// `%41` to `A`; fails on a broken escape and on NUL.
Result<std::string> unescape_query(std::string_view text);

}  // namespace reeve::api
