#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "api/backend.h"
#include "api/http.h"
#include "api/server.h"
#include "base/time.h"
#include "os/fd.h"

struct bufferevent;
struct event;
struct event_base;

namespace reeve::api {

/// One client of the API: reads requests one after the other, and sends one answer to each, whole
/// or as a stream. What it buffers is bounded; every wait for the client has an end.
class Connection {
public:
    /// Whom a connection tells. Nothing here may destroy the connection, but for `on_gone`.
    class Owner {
    public:
        virtual ~Owner() = default;
        /// The head of a request is read. How long may its body be? Or a refusal, whose code is the
        /// HTTP status to answer with.
        virtual Result<std::size_t> body_bytes_max(const Connection& connection,
                                                   const HttpRequestHead& head) = 0;
        /// A request is read. It is answered by `respond`, now or later, or by `begin_stream`.
        virtual void on_request(Connection& connection, const HttpRequestHead& head,
                                std::string body) = 0;
        /// The time given by `answer_within` is over.
        virtual void on_answer_overdue(Connection& connection) = 0;
        /// A number that grows with each call.
        virtual std::uint64_t next_wait() = 0;
        /// Answers wait, and nobody reads them: `on_gone` follows.
        virtual void on_unread(Connection& connection) = 0;
        /// The client has gone, or was given up: destroy the connection. The last call.
        virtual void on_gone(Connection& connection) = 0;
    };

    /// `base`, `limits` and `owner` must outlive the connection.
    Connection(event_base* base, os::UniqueFd fd, const ServerLimits& limits, Owner& owner);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    const Peer& peer() const { return peer_; }

    /// Answers the request that was handed to the owner.
    void respond(int status, std::string_view content_type, const HttpHeaders& headers,
                 std::string_view body);

    /// Begins an answer whose body comes bit by bit, until the client leaves or `end_stream`.
    void begin_stream(std::string_view content_type, const HttpHeaders& headers);
    void send_piece(std::string_view piece);
    void end_stream();

    /// What waits to be written to the client.
    std::size_t buffered_bytes() const;
    /// The length of a body that is being read, 0: none.
    std::size_t body_bytes_expected() const { return state_ == State::Body ? body_bytes_ : 0; }
    /// Whether an answer is due, or on its way.
    bool busy() const;
    /// Whether an answer is under way that comes bit by bit.
    bool streaming() const { return state_ == State::Streaming; }

    /// What the client uses the connection for, the least first.
    enum class Use {
        Idle,        // everything that was said is answered and read
        Unfinished,  // half a request is said
        InFlight     // an answer is due, or on its way
    };
    Use use() const;
    /// The later the connection began to wait for a request, the larger.
    std::uint64_t waits_since() const { return waits_since_; }

    /// Sends a refusal, the last thing that this client hears.
    void turn_away(int status, std::string_view message) { refuse(status, message); }

    /// Calls `on_answer_overdue` unless the answer is given within this time.
    void answer_within(Duration time);

private:
    enum class State { Head, Body, Answering, Streaming, Closing };

    static void on_readable(bufferevent* buffer, void* self);
    static void on_drained(bufferevent* buffer, void* self);
    static void on_event(bufferevent* buffer, short what, void* self);
    static void on_timer(int fd, short what, void* self);

    void read_requests();
    void read_or_pause();
    void go_on_after_answer();
    bool read_head();
    bool read_body();
    void refuse(int status, std::string_view message);
    void await_request();
    void begin_to_read();
    void write(std::string_view data);
    void set_timer(Duration time);
    void refresh_clock();

    const ServerLimits& limits_;
    Owner& owner_;
    os::UniqueFd fd_;
    Peer peer_;
    bufferevent* buffer_ = nullptr;
    event* timer_ = nullptr;
    State state_ = State::Head;
    HttpRequestHead head_;
    std::size_t body_bytes_ = 0;
    bool watched_ = false;     // the kernel tells of what the client says
    bool head_begun_ = false;  // the time for the whole of a request runs
    bool reading_ = false;     // read_requests is at work
    bool ended_ = false;       // the client says no more
    std::uint64_t waits_since_ = 0;
};

}  // namespace reeve::api
