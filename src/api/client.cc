#include "api/client.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <optional>

#include "api/clock.h"
#include "api/reply.h"

namespace reeve::api {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} * 1024;
constexpr std::size_t kHeadBytesMax = std::size_t{64} * 1024;
constexpr std::size_t kAnswerBytesMax = std::size_t{256} << 20;
constexpr std::size_t kLineBytesMax = std::size_t{1} << 20;
constexpr Duration kWaitSlice = 500ms;
/// Nobody listens on a socket that is there: its keeper has died, or just starts.
constexpr Duration kRefusedPatience = 1s;
constexpr Duration kPauseFirst = 10ms;
constexpr Duration kPauseMax = 250ms;

int to_milliseconds(Duration time) {
    return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(time).count());
}

/// What all attempts of one request share.
struct Waiting {
    TimePoint begun;
    Deadline until;
    const WhileWaiting& report;

    /// Waits for `fd` (-1: for time only) at most `slice`; fails when the patience is over.
    Result<bool> wait(int fd, short events, Duration slice) const {
        const TimePoint now = client_now();
        if (until && now >= *until) return Error{"no answer in time", ETIMEDOUT};
        if (until) slice = std::min(slice, Duration(*until - now));
        pollfd polled{fd, events, 0};
        const int ready = ::poll(&polled, fd < 0 ? 0 : 1, to_milliseconds(slice));
        if (ready < 0 && errno != EINTR) return system_error("wait for an answer");
        if (ready <= 0 && report) report(client_now() - begun);
        return ready > 0;
    }
};

/// One connection and one request.
class Exchange {
public:
    Exchange(const std::string& socket_path, const Waiting& waiting)
        : socket_path_(socket_path), waiting_(waiting) {}

    /// Whether the daemon was there at all.
    bool connected() const { return static_cast<bool>(fd_); }

    Result<void> connect() {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (socket_path_.size() >= sizeof address.sun_path) {
            return Error{socket_path_ + ": the path is too long for a socket", ENAMETOOLONG};
        }
        ::memcpy(address.sun_path, socket_path_.c_str(), socket_path_.size() + 1);
        os::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!fd) return system_error("make a socket");
        while (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) <
               0) {
            if (errno == EINTR) continue;
            if (errno != EAGAIN) return system_error("connect to " + socket_path_);
            // The backlog is full: others wait too.
            TRY(waiting_.wait(-1, 0, kPauseFirst));
        }
        fd_ = std::move(fd);
        return {};
    }

    /// A daemon that refuses a large request may have answered and gone: then the rest is left.
    Result<void> send(std::string_view data) {
        while (!data.empty()) {
            const ssize_t sent =
                ::send(fd_.get(), data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent >= 0) {
                data.remove_prefix(static_cast<std::size_t>(sent));
            } else if (errno == EAGAIN) {
                TRY(waiting_.wait(fd_.get(), POLLOUT, kWaitSlice));
            } else if (errno == EPIPE) {
                return {};
            } else if (errno != EINTR) {
                return system_error("send to " + socket_path_);
            }
        }
        return {};
    }

    /// Appends what comes next; false at the end.
    Result<bool> receive(std::string& out) {
        for (;;) {
            const std::size_t before = out.size();
            out.resize(before + kReadBytes);
            const ssize_t got = ::recv(fd_.get(), out.data() + before, kReadBytes, MSG_DONTWAIT);
            out.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
            if (got >= 0) return got > 0;
            if (errno == EAGAIN) {
                TRY(waiting_.wait(fd_.get(), POLLIN, kWaitSlice));
            } else if (errno != EINTR) {
                return system_error("read from " + socket_path_);
            }
        }
    }

    /// Reads up to the end of the head; what follows stays in `rest()`.
    Result<HttpResponseHead> receive_head() {
        for (;;) {
            const std::size_t end = raw_.find("\r\n\r\n");
            if (end == std::string::npos) {
                if (raw_.size() > kHeadBytesMax) return Error{"the answer's head is too long"};
                if (!TRY(receive(raw_))) return broken_off();
                continue;
            }
            auto head = parse_response_head(std::string_view(raw_).substr(0, end + 4));
            raw_.erase(0, end + 4);
            if (!head || head->status != 100) return head;
        }
    }

    Result<std::string> receive_body(const HttpResponseHead& head) {
        if (head.chunked) return receive_chunks();
        const std::size_t wanted = head.content_length.value_or(kAnswerBytesMax);
        if (head.content_length && wanted > kAnswerBytesMax) return Error{"the answer is too long"};
        while (raw_.size() < wanted) {
            if (TRY(receive(raw_))) continue;
            if (!head.content_length) break;
            return broken_off();
        }
        raw_.resize(std::min(raw_.size(), wanted));
        return std::move(raw_);
    }

    std::string take_rest() { return std::move(raw_); }
    os::UniqueFd take_fd() { return std::move(fd_); }

private:
    Error broken_off() const {
        return Error{"the answer from " + socket_path_ + " broke off", ECONNRESET};
    }

    Result<std::string> receive_chunks() {
        ChunkReader reader;
        std::string body;
        for (;;) {
            TRY(reader.feed(raw_, body));
            raw_.clear();
            if (reader.finished()) return body;
            if (body.size() > kAnswerBytesMax) return Error{"the answer is too long"};
            if (!TRY(receive(raw_))) return broken_off();
        }
    }

    const std::string& socket_path_;
    const Waiting& waiting_;
    os::UniqueFd fd_;
    std::string raw_;
};

std::string format_request(const ClientRequest& request) {
    std::string text = request.method + " " + request.path + " HTTP/1.1\r\nHost: reeve\r\n";
    if (!request.body.empty()) {
        text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    }
    return text + "\r\n" + request.body;
}

bool is_gone(int code) {
    return code == ECONNRESET || code == EPIPE || code == ECONNREFUSED || code == ENOENT;
}

/// Attempts until one is answered: `finish` takes an exchange whose request has been sent.
template <typename T>
Result<T> attempt(const std::string& socket_path, const ClientRequest& request,
                  const ClientPatience& patience, const WhileWaiting& report,
                  const std::function<Result<T>(Exchange&)>& finish) {
    const TimePoint begun = client_now();
    Waiting waiting{begun, std::nullopt, report};
    if (patience.answer > Duration::zero()) waiting.until = begun + patience.answer;
    const std::string text = format_request(request);
    bool was_there = false;
    Duration pause = kPauseFirst;
    for (TimePoint gone_since = begun;;) {
        const TimePoint attempt_begun = client_now();
        Exchange exchange(socket_path, waiting);
        Result<void> sent = exchange.connect();
        if (sent.ok()) {
            // The time without a daemon begins when it goes away, not when the request was sent.
            was_there = true;
            sent = exchange.send(text);
        }
        Result<T> finished = sent.ok() ? finish(exchange) : Result<T>(sent.error());
        if (finished.ok() || !is_gone(finished.error().code)) return finished;
        if (exchange.connected() && client_now() - attempt_begun > kPauseMax) {
            gone_since = client_now();
        }
        const Duration patient_for = was_there ? patience.reconnect
                                     : finished.error().code == ECONNREFUSED
                                         ? std::min(kRefusedPatience, patience.reconnect)
                                         : Duration::zero();
        if (client_now() - gone_since >= patient_for) return finished;
        TRY(waiting.wait(-1, 0, pause));
        pause = std::min(pause * 2, kPauseMax);
    }
}

}  // namespace

std::string header(const ClientResponse& response, const std::string& name) {
    const auto found = response.headers.find(name);
    return found == response.headers.end() ? "" : found->second;
}

Result<ClientResponse> Client::send(const ClientRequest& request, const ClientPatience& patience,
                                    const WhileWaiting& while_waiting) const {
    return attempt<ClientResponse>(
        socket_path_, request, patience, while_waiting,
        [](Exchange& exchange) -> Result<ClientResponse> {
            HttpResponseHead head = TRY(exchange.receive_head());
            std::string body = TRY(exchange.receive_body(head));
            return ClientResponse{head.status, std::move(head.headers), std::move(body)};
        });
}

Result<LineStream> Client::open_stream(const std::string& path,
                                       const ClientPatience& patience) const {
    return open_stream(ClientRequest{"GET", path, ""}, patience);
}

Result<LineStream> Client::open_stream(const ClientRequest& request,
                                       const ClientPatience& patience) const {
    const WhileWaiting quiet;
    return attempt<LineStream>(socket_path_, request, patience, quiet,
                               [](Exchange& exchange) -> Result<LineStream> {
                                   const HttpResponseHead head = TRY(exchange.receive_head());
                                   if (head.status == 200 && head.chunked) {
                                       std::string rest = exchange.take_rest();
                                       return LineStream(exchange.take_fd(), std::move(rest));
                                   }
                                   const std::string body = TRY(exchange.receive_body(head));
                                   const auto reply = operation_reply_from_json(body);
                                   return Error{reply ? reply->message : body};
                               });
}

Result<bool> LineStream::read(const std::function<void(std::string_view)>& on_line) {
    for (;;) {
        TRY(chunks_.feed(raw_, text_));
        raw_.clear();
        std::size_t begin = 0;
        for (std::size_t end = text_.find('\n'); end != std::string::npos;
             end = text_.find('\n', begin)) {
            on_line(std::string_view(text_).substr(begin, end - begin));
            begin = end + 1;
        }
        text_.erase(0, begin);
        if (chunks_.finished()) return false;
        if (text_.size() > kLineBytesMax) return Error{"a line of the answer is too long"};
        raw_.resize(kReadBytes);
        const ssize_t got = ::recv(fd_.get(), raw_.data(), raw_.size(), MSG_DONTWAIT);
        raw_.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got == 0) return Error{"the stream broke off", ECONNRESET};
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
        if (got < 0) return system_error("read the stream");
    }
}

std::string escape_query(std::string_view text) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    std::string escaped;
    for (const char c : text) {
        const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ||
                                c == '~' || c == '/';
        if (unreserved) {
            escaped += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            escaped += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
        }
    }
    return escaped;
}

}  // namespace reeve::api
