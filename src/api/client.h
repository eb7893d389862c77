#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace reeve::api {

/// One HTTP request of a client.
struct ClientRequest {
    std::string method = "GET";
    std::string path;  // with the query, escaped
    std::string body;
};

/// Its answer. Header names are in lower case.
struct ClientResponse {
    int status = 0;
    std::map<std::string, std::string> headers;
    std::string body;
};

/// How long a client is patient.
struct ClientPatience {
    /// A daemon that is being replaced refuses or resets: asked again for this long. Zero: not.
    Duration reconnect = 10s;
    /// For the whole exchange; zero: without limit. The error's code is ETIMEDOUT.
    Duration answer{};
};

/// Called while an answer is waited for, about twice a second, with the time waited so far.
using WhileWaiting = std::function<void(Duration)>;

/// A blocking HTTP/1.1 client over a unix socket, for the CLI. Light: no event loop.
class Client {
public:
    explicit Client(std::string socket_path) : socket_path_(std::move(socket_path)) {}

    /// Sends a request and reads its whole answer. Requests must be safe to send twice: they are,
    /// when the daemon goes away in between. The error's code is the errno of the last attempt
    /// (ENOENT, ECONNREFUSED: no daemon; EACCES: not permitted).
    Result<ClientResponse> send(const ClientRequest& request, const ClientPatience& patience,
                                const WhileWaiting& while_waiting) const;

    /// Sends a GET and calls `on_line` for each line of the answer's body as it comes, until the
    /// stream ends or `on_line` returns false. Anything but a 200 is returned whole.
    Result<ClientResponse> stream(const std::string& path,
                                  const std::function<bool(std::string_view)>& on_line) const;

private:
    std::string socket_path_;
};

/// A text as a part of a path or a query: everything but unreserved characters as `%XX`.
std::string escape_query(std::string_view text);

}  // namespace reeve::api
