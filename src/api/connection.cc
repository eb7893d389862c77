#include "api/connection.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "base/check.h"

namespace reeve::api {
namespace {

/// Somebody in more groups than this is in none, as far as reeve is concerned.
constexpr std::size_t kGroupsMax = 256;

timeval to_timeval(Duration time) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(time).count();
    timeval value{};
    value.tv_sec = micros / 1'000'000;
    value.tv_usec = static_cast<suseconds_t>(micros % 1'000'000);
    return value;
}

Peer read_peer(int fd) {
    Peer peer;
    struct ucred credentials {};
    socklen_t size = sizeof credentials;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0) {
        peer.uid = credentials.uid;
        peer.gid = credentials.gid;
        peer.pid = credentials.pid;
    }
    peer.groups.resize(kGroupsMax);
    socklen_t bytes = static_cast<socklen_t>(peer.groups.size() * sizeof(gid_t));
    const bool known = ::getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, peer.groups.data(), &bytes) == 0;
    peer.groups.resize(known ? bytes / sizeof(gid_t) : 0);
    return peer;
}

}  // namespace

Connection::Connection(event_base* base, os::UniqueFd fd, const ServerLimits& limits, Owner& owner)
    : limits_(limits), owner_(owner), fd_(std::move(fd)), peer_(read_peer(fd_.get())) {
    // The descriptor stays ours: no BEV_OPT_CLOSE_ON_FREE.
    buffer_ = ::bufferevent_socket_new(base, fd_.get(), 0);
    timer_ = ::event_new(base, -1, 0, &Connection::on_timer, this);
    CHECK(buffer_ != nullptr && timer_ != nullptr);
    ::bufferevent_setcb(buffer_, &Connection::on_readable, &Connection::on_drained,
                        &Connection::on_event, this);
    const timeval write_timeout = to_timeval(limits_.exchange);
    ::bufferevent_set_timeouts(buffer_, nullptr, &write_timeout);
    await_request();
    begin_to_read();
}

Connection::~Connection() {
    ::event_free(timer_);
    ::bufferevent_free(buffer_);
}

void Connection::set_timer(Duration time) {
    const timeval value = to_timeval(time);
    refresh_clock();
    ::event_add(timer_, &value);
}

void Connection::await_request() {
    state_ = State::Head;
    head_begun_ = false;
    waits_since_ = owner_.next_wait();
    ::bufferevent_setwatermark(buffer_, EV_READ, 0, limits_.head_bytes_max);
    set_timer(limits_.idle);
}

/// Where the kernel has no memory to watch the client it is asked again.
void Connection::begin_to_read() {
    watched_ = ::bufferevent_enable(buffer_, EV_READ | EV_WRITE) == 0;
    set_timer(watched_ ? limits_.idle : limits_.accept_pause);
}

void Connection::answer_within(Duration time) {
    CHECK(state_ == State::Answering);
    set_timer(time);
}

std::size_t Connection::buffered_bytes() const {
    return ::evbuffer_get_length(::bufferevent_get_output(buffer_));
}

bool Connection::busy() const {
    return state_ == State::Answering || (state_ != State::Streaming && buffered_bytes() > 0);
}

Connection::Use Connection::use() const {
    const bool waits = state_ == State::Head || state_ == State::Body;
    if (!waits || buffered_bytes() > 0) return Use::InFlight;
    int unseen = 0;
    // A request may have come since the loop has looked.
    if (::ioctl(fd_.get(), FIONREAD, &unseen) != 0 || unseen > 0) return Use::InFlight;
    const bool silent =
        state_ == State::Head && ::evbuffer_get_length(::bufferevent_get_input(buffer_)) == 0;
    return silent ? Use::Idle : Use::Unfinished;
}

/// The loop's clock stands still while a request is worked on: what a client is given begins now.
void Connection::refresh_clock() {
    ::event_base_update_cache_time(::bufferevent_get_base(buffer_));
}

void Connection::write(std::string_view data) {
    refresh_clock();
    ::bufferevent_write(buffer_, data.data(), data.size());
}

void Connection::respond(int status, std::string_view content_type, const HttpHeaders& headers,
                         std::string_view body) {
    CHECK(state_ == State::Answering);
    const bool keep = head_.keep_alive;
    write(format_response_head(status, content_type, body.size(), keep, headers));
    write(body);
    if (!keep) {
        state_ = State::Closing;
        set_timer(limits_.exchange);
        return;
    }
    await_request();
    // What the client has sent meanwhile is looked at from the loop, not from inside this call.
    if (!reading_) ::bufferevent_trigger(buffer_, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
}

void Connection::begin_stream(std::string_view content_type, const HttpHeaders& headers) {
    CHECK(state_ == State::Answering);
    state_ = State::Streaming;
    ::event_del(timer_);
    write(format_response_head(200, content_type, std::nullopt, false, headers));
}

void Connection::send_piece(std::string_view piece) {
    CHECK(state_ == State::Streaming);
    if (!piece.empty()) write(format_chunk(piece));
}

void Connection::end_stream() {
    CHECK(state_ == State::Streaming);
    write(format_chunk(""));
    state_ = State::Closing;
    set_timer(limits_.exchange);
}

void Connection::refuse(int status, std::string_view message) {
    const std::string body = std::string(message) + "\n";
    write(format_response_head(status, "text/plain; charset=utf-8", body.size(), false, {}));
    write(body);
    state_ = State::Closing;
    set_timer(limits_.exchange);
}

bool Connection::read_head() {
    evbuffer* input = ::bufferevent_get_input(buffer_);
    const std::size_t available = ::evbuffer_get_length(input);
    if (available > 0 && !head_begun_) {
        head_begun_ = true;
        set_timer(limits_.exchange);
    }
    const evbuffer_ptr end = ::evbuffer_search(input, "\r\n\r\n", 4, nullptr);
    if (end.pos < 0) {
        if (available >= limits_.head_bytes_max) refuse(431, "the head of the request is too long");
        return false;
    }
    std::string text(static_cast<std::size_t>(end.pos) + 4, '\0');
    ::evbuffer_remove(input, text.data(), text.size());
    auto head = parse_request_head(text);
    if (!head) {
        refuse(head.error().code, head.error().message);
        return false;
    }
    head_ = std::move(head).value();
    const auto bytes_max = owner_.body_bytes_max(*this, head_);
    if (!bytes_max) {
        refuse(bytes_max.error().code, bytes_max.error().message);
        return false;
    }
    if (head_.content_length > *bytes_max) {
        refuse(413, "the body is longer than " + std::to_string(*bytes_max) + " bytes");
        return false;
    }
    state_ = State::Body;
    body_bytes_ = head_.content_length;
    ::bufferevent_setwatermark(buffer_, EV_READ, body_bytes_, body_bytes_ + limits_.head_bytes_max);
    if (head_.expects_continue && body_bytes_ > 0) write("HTTP/1.1 100 Continue\r\n\r\n");
    return true;
}

bool Connection::read_body() {
    evbuffer* input = ::bufferevent_get_input(buffer_);
    if (::evbuffer_get_length(input) < body_bytes_) return false;
    std::string body(body_bytes_, '\0');
    ::evbuffer_remove(input, body.data(), body.size());
    ::event_del(timer_);
    ::bufferevent_setwatermark(buffer_, EV_READ, 0, limits_.head_bytes_max);
    state_ = State::Answering;
    owner_.on_request(*this, head_, std::move(body));
    return true;
}

void Connection::read_requests() {
    reading_ = true;
    bool more = true;
    while (more) {
        switch (state_) {
            case State::Head:
                // A client that does not read its answers gets no more of them.
                more = buffered_bytes() <= limits_.unread_of_client_max && read_head();
                break;
            case State::Body:
                more = read_body();
                break;
            case State::Answering:
            case State::Streaming:
            case State::Closing:
                more = false;
                break;
        }
    }
    reading_ = false;
    read_or_pause();
}

/// A buffer that is full is not read into: libevent would call again and again where nothing is
/// taken out of it.
void Connection::read_or_pause() {
    const std::size_t held = ::evbuffer_get_length(::bufferevent_get_input(buffer_));
    if (state_ != State::Body && held >= limits_.head_bytes_max) {
        ::bufferevent_disable(buffer_, EV_READ);
    } else if (!ended_) {
        ::bufferevent_enable(buffer_, EV_READ);
    }
}

void Connection::on_readable(bufferevent* /*buffer*/, void* self) {
    static_cast<Connection*>(self)->read_requests();
}

void Connection::on_drained(bufferevent* /*buffer*/, void* self) {
    static_cast<Connection*>(self)->go_on_after_answer();
}

/// What was written is with the client, or on its way to it: the next request is looked at.
void Connection::go_on_after_answer() {
    if (state_ == State::Head) {
        waits_since_ = owner_.next_wait();
        read_requests();
    }
    const bool over = state_ == State::Closing ||
                      (ended_ && state_ != State::Answering && state_ != State::Streaming);
    if (over && buffered_bytes() == 0) owner_.on_gone(*this);
}

void Connection::on_event(bufferevent* /*buffer*/, short what, void* self) {
    Connection& connection = *static_cast<Connection*>(self);
    // A client that only ends its own side (`nc -N`) still gets what is on its way to it.
    if ((what & BEV_EVENT_EOF) != 0 && connection.state_ != State::Streaming &&
        connection.state_ != State::Answering && connection.buffered_bytes() > 0) {
        connection.ended_ = true;
        return;
    }
    const bool unread = (what & BEV_EVENT_TIMEOUT) != 0 && (what & BEV_EVENT_WRITING) != 0;
    if (unread) connection.owner_.on_unread(connection);
    connection.owner_.on_gone(connection);
}

void Connection::on_timer(int /*fd*/, short /*what*/, void* self) {
    Connection& connection = *static_cast<Connection*>(self);
    if (!connection.watched_) return connection.begin_to_read();
    switch (connection.state_) {
        case State::Answering:
            connection.owner_.on_answer_overdue(connection);
            return;
        case State::Head:
            if (!connection.head_begun_) break;
            [[fallthrough]];
        case State::Body:
            connection.refuse(408, "the request did not come to its end in time");
            return;
        case State::Streaming:
        case State::Closing:
            break;
    }
    connection.owner_.on_gone(connection);
}

}  // namespace reeve::api
