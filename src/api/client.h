#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "api/http.h"
#include "base/result.h"
#include "base/time.h"
#include "os/fd.h"

namespace reeve::api {

/// One HTTP request of a client.
struct ClientRequest {
    std::string method = "GET";
    std::string path;  // with the query, escaped
    std::string body;
};

/// Its answer.
struct ClientResponse {
    int status = 0;
    HttpHeaders headers;
    std::string body;
};

/// The header's value, or empty. `name` is in lower case.
std::string header(const ClientResponse& response, const std::string& name);

/// How long a client is patient.
struct ClientPatience {
    /// A daemon that is being replaced resets connections: asked again for this long.
    Duration reconnect = 10s;
    /// For the whole exchange; zero: without limit. The error's code is ETIMEDOUT.
    Duration answer{};
};

/// Called while an answer is waited for, about twice a second, with the time waited so far.
using WhileWaiting = std::function<void(Duration)>;

/// An answer that comes line by line, until one side ends it.
class LineStream {
public:
    /// To poll for reading after a first `read`: lines may have come together with the head.
    int fd() const { return fd_.get(); }

    /// Reads what is there, without waiting, and calls `on_line` for each whole line. False: the
    /// stream has ended as it should. An error: it broke off.
    Result<bool> read(const std::function<void(std::string_view)>& on_line);

private:
    friend class Client;
    LineStream(os::UniqueFd fd, std::string first) : fd_(std::move(fd)), raw_(std::move(first)) {}

    os::UniqueFd fd_;
    std::string raw_;   // read together with the head, not yet taken apart
    std::string text_;  // the beginning of an unfinished line
    ChunkReader chunks_;
};

/// A blocking HTTP/1.1 client over a unix socket, for the CLI. Light: no event loop.
class Client {
public:
    explicit Client(std::string socket_path) : socket_path_(std::move(socket_path)) {}

    /// Sends a request and reads its whole answer. A daemon that goes away in between is asked
    /// again: reading does no harm, and operations have their id. The error's code is the errno of
    /// the last attempt (ENOENT, ECONNREFUSED: no daemon; EACCES: not permitted).
    Result<ClientResponse> send(const ClientRequest& request, const ClientPatience& patience,
                                const WhileWaiting& while_waiting) const;

    /// Opens a stream. An answer that is none (a refusal) is an error with its message.
    Result<LineStream> open_stream(const std::string& path, const ClientPatience& patience) const;
    Result<LineStream> open_stream(const ClientRequest& request,
                                   const ClientPatience& patience) const;

private:
    std::string socket_path_;
};

/// A text as a part of a path or a query: everything but unreserved characters as `%XX`.
std::string escape_query(std::string_view text);

}  // namespace reeve::api
