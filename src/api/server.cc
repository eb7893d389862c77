#include "api/server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <event2/event.h>
#include <map>
#include <unordered_map>

#include "api/connection.h"
#include "api/crowd.h"
#include "api/endpoints.h"
#include "api/follower.h"
#include "api/permitted_backend.h"
#include "api/proxy_endpoints.h"
#include "api/routes.h"
#include "base/check.h"
#include "base/log.h"
#include "base/text.h"

namespace reeve::api {
namespace {

constexpr int kAcceptsPerTurn = 32;
constexpr time_t kSecondsBetweenLines = 10;

}  // namespace

class Server::Impl : public Connection::Owner, public std::enable_shared_from_this<Server::Impl> {
public:
    Impl(event_base* base, os::UniqueFd listener, Backend& backend, const ServerLimits& limits)
        : base_(base), listener_(std::move(listener)), backend_(backend), limits_(limits) {
        accept_event_ =
            ::event_new(base, listener_.get(), EV_READ | EV_PERSIST, &Impl::on_acceptable, this);
        pause_event_ = ::event_new(base, -1, 0, &Impl::on_pause_over, this);
        lines_event_ = ::event_new(base, -1, 0, &Impl::on_lines_again, this);
        CHECK(accept_event_ != nullptr && pause_event_ != nullptr && lines_event_ != nullptr);
        refill_reserve();
        watch_listener();
    }

    ~Impl() override {
        connections_.clear();
        ::event_free(accept_event_);
        ::event_free(pause_event_);
        ::event_free(lines_event_);
    }

    void publish(const status::Transition& transition) {
        for (auto& [connection, follower] : followers_) {
            if (backend_.permits(connection->peer(), Access::View, transition.instance.app))
                follower.publish(transition);
        }
    }

    void hold_accepting() {
        ::event_del(accept_event_);
        waits_for_room_ = false;
    }
    void accept_again() { resume_accepting(); }

    void stop_accepting() {
        accepting_ = false;
        ::event_del(accept_event_);
        ::event_del(pause_event_);
    }

    bool busy() const {
        for (const auto& [connection, owned] : connections_) {
            if (connection->busy()) return true;
        }
        return false;
    }

    Result<std::size_t> body_bytes_max(const Connection& connection,
                                       const HttpRequestHead& head) override;
    void on_request(Connection& connection, const HttpRequestHead& head, std::string body) override;
    void on_answer_overdue(Connection& connection) override;
    std::uint64_t next_wait() override;
    void on_unread(Connection& connection) override;
    void on_gone(Connection& connection) override;

private:
    static void on_acceptable(int /*fd*/, short /*what*/, void* self) {
        static_cast<Impl*>(self)->accept_clients();
    }
    static void on_pause_over(int /*fd*/, short /*what*/, void* self) {
        static_cast<Impl*>(self)->resume_accepting();
    }
    static void on_lines_again(int /*fd*/, short /*what*/, void* self) {
        static_cast<Impl*>(self)->say_given_up();
    }
    void say_given_up();

    void accept_clients();
    void add_client(int fd);
    bool make_room(std::optional<uid_t> of_user);
    std::string refusal_for(const Peer& peer);
    void bound_unread(const Connection& asking);
    void give_up(Connection& connection, const std::string& reason);
    bool may_stream(Connection& connection);
    void watch_listener();
    void pause_accepting();
    void resume_accepting();
    void accept_after_wait();
    void refill_reserve();

    std::uint64_t expect_answer(Connection& connection);
    Connection* take_expected(std::uint64_t token);
    void submit(Connection& connection, const std::string& body);
    void change_store(Connection& connection, const std::string& body);
    void deploy(Connection& connection, const std::string& body);
    void send_output(std::uint64_t token, std::string_view text);
    void end_deploy(std::uint64_t token, const OperationReply& reply);
    void ask_proxy(Connection& connection, Endpoint endpoint, const HttpRequestHead& head);
    OperationAnswer answer_to(std::uint64_t token);
    void ask_why(Connection& connection, const HttpRequestHead& head);
    void follow_events(Connection& connection, const HttpRequestHead& head);
    void send_events(Connection& connection, const EventsQuery& query,
                     const std::vector<status::Transition>& history);

    event_base* base_;
    os::UniqueFd listener_;
    Backend& backend_;
    ServerLimits limits_;
    event* accept_event_ = nullptr;
    event* pause_event_ = nullptr;
    event* lines_event_ = nullptr;     // pending: a line has said who was given up
    std::size_t given_up_unsaid_ = 0;  // since that line
    bool accepting_ = true;
    bool waits_for_room_ = false;        // every connection has a request in flight
    bool short_of_descriptors_ = false;  // and that has been said
    // Given up to let one client in when there are no descriptors left: somebody must be able to
    // stop what eats them.
    os::UniqueFd reserve_;
    Connections connections_;
    std::map<Connection*, Follower> followers_;
    // Requests whose answer comes later, by token; void when the client goes.
    std::unordered_map<std::uint64_t, Connection*> expected_;
    std::uint64_t next_token_ = 1;
    std::uint64_t next_wait_ = 1;
};

void Server::Impl::refill_reserve() {
    if (reserve_) return;
    auto opened = os::open_file("/dev/null", O_RDONLY, 0);
    if (opened) reserve_ = std::move(opened).value();
}

void Server::Impl::accept_clients() {
    // Those who are let in are listened to before more of them are.
    for (int accepted = 0; accepting_ && accepted < kAcceptsPerTurn;) {
        if (connections_.size() >= limits_.connections_max) {
            pollfd waiting{listener_.get(), POLLIN, 0};
            if (::poll(&waiting, 1, 0) != 1) return;
        }
        if (connections_.size() >= limits_.connections_max && !make_room(std::nullopt)) {
            ::event_del(accept_event_);
            waits_for_room_ = true;
            return;
        }
        int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && (errno == EMFILE || errno == ENFILE) && reserve_) {
            reserve_.reset();
            fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        }
        if (fd >= 0) {
            short_of_descriptors_ = short_of_descriptors_ && !reserve_;
            add_client(fd);
            ++accepted;
            continue;
        }
        if (errno == EINTR || errno == ECONNABORTED) continue;
        if (errno != EAGAIN) pause_accepting();
        return;
    }
}

void Server::Impl::add_client(int fd) {
    auto connection = std::make_unique<Connection>(base_, os::UniqueFd(fd), limits_, *this);
    Connection* const key = connection.get();
    const std::string refused = refusal_for(connection->peer());
    connections_.emplace(key, std::move(connection));
    if (!refused.empty()) key->turn_away(503, refused);
}

/// Whether there is a connection less now.
bool Server::Impl::make_room(std::optional<uid_t> of_user) {
    Connection* const spare = find_spare(connections_, of_user);
    if (spare == nullptr) return false;
    const bool idle = spare->use() == Connection::Use::Idle;
    give_up(*spare, idle ? "an idle connection makes room for a new one"
                         : "half a request makes room for a new client");
    return true;
}

/// Why there is no room for a new connection of this peer; empty if there is.
std::string Server::Impl::refusal_for(const Peer& peer) {
    if (count_of_user(connections_, peer.uid) >= limits_.connections_of_user_max &&
        !make_room(peer.uid)) {
        return "this user has " + std::to_string(limits_.connections_of_user_max) +
               " requests in flight already";
    }
    const bool owns_reeve = peer.uid == 0 || peer.uid == ::geteuid();
    if (!owns_reeve && connections_.size() >= limits_.connections_of_others_max &&
        !make_room(std::nullopt)) {
        return "too many requests are in flight: try again";
    }
    return "";
}

/// Bounds what is kept for clients that do not read their answers.
void Server::Impl::bound_unread(const Connection& asking) {
    while (unread_bytes(connections_) > limits_.unread_bytes_max) {
        Connection* const most = find_most_unread(connections_, asking);
        if (most == nullptr) return;
        give_up(*most, "a client has left more unread than all others, and there is too much");
    }
}

/// At most a line in a while: those who cause them may be many.
void Server::Impl::give_up(Connection& connection, const std::string& reason) {
    if (event_pending(lines_event_, EV_TIMEOUT, nullptr)) {
        ++given_up_unsaid_;
    } else {
        const Peer& peer = connection.peer();
        log::warning("uid=" + std::to_string(peer.uid) + " pid=" + std::to_string(peer.pid) +
                     " reason=\"" + reason + "\"");
        const timeval pause{kSecondsBetweenLines, 0};
        ::event_add(lines_event_, &pause);
    }
    on_gone(connection);
}

void Server::Impl::say_given_up() {
    const std::size_t count = std::exchange(given_up_unsaid_, 0);
    if (count == 0) return;
    log::warning("reason=\"" + std::to_string(count) + " more clients were given up\"");
}

void Server::Impl::on_unread(Connection& connection) {
    const Peer& peer = connection.peer();
    log::warning("uid=" + std::to_string(peer.uid) + " pid=" + std::to_string(peer.pid) +
                 " reason=\"a client does not read what it asked for: closed\"");
}

/// Where the kernel has no memory for that it is tried again.
void Server::Impl::watch_listener() {
    if (::event_add(accept_event_, nullptr) != 0) pause_accepting();
}

void Server::Impl::pause_accepting() {
    if (!std::exchange(short_of_descriptors_, true)) {
        log::warning(system_error("reason=\"accept a client").message + "\"");
    }
    ::event_del(accept_event_);
    timeval pause{};
    pause.tv_usec = static_cast<suseconds_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(limits_.accept_pause).count());
    ::event_add(pause_event_, &pause);
}

void Server::Impl::resume_accepting() {
    if (!accepting_) return;
    refill_reserve();
    watch_listener();
}

void Server::Impl::on_gone(Connection& connection) {
    followers_.erase(&connection);
    for (auto it = expected_.begin(); it != expected_.end();)
        it = it->second == &connection ? expected_.erase(it) : std::next(it);
    connections_.erase(&connection);
    refill_reserve();
    accept_after_wait();
}

std::uint64_t Server::Impl::next_wait() {
    accept_after_wait();
    return next_wait_++;
}

/// There may be room now: a connection has gone, or waits for a request.
void Server::Impl::accept_after_wait() {
    if (std::exchange(waits_for_room_, false) && accepting_) watch_listener();
}

/// Answers with a refusal where this user has too many answers that come bit by bit.
bool Server::Impl::may_stream(Connection& connection) {
    if (streams_of_user(connections_, connection.peer().uid) < limits_.streams_of_user_max) {
        return true;
    }
    respond_with(connection,
                 refusal(Code::Unavailable, "this user follows " +
                                                std::to_string(limits_.streams_of_user_max) +
                                                " streams already"));
    return false;
}

Result<std::size_t> Server::Impl::body_bytes_max(const Connection& /*connection*/,
                                                 const HttpRequestHead& head) {
    const Route* route = TRY(find_route(head));
    std::size_t expected = head.content_length;
    for (const auto& [other, owned] : connections_)
        expected += other->body_bytes_expected();
    const std::size_t own_max =
        route->large_body ? limits_.load_body_bytes_max : limits_.body_bytes_max;
    if (head.content_length <= own_max && expected > limits_.all_bodies_bytes_max) {
        return Error{"too many large requests at a time: try again", 503};
    }
    return own_max;
}

std::uint64_t Server::Impl::expect_answer(Connection& connection) {
    const std::uint64_t token = next_token_++;
    expected_.emplace(token, &connection);
    return token;
}

Connection* Server::Impl::take_expected(std::uint64_t token) {
    const auto found = expected_.find(token);
    if (found == expected_.end()) return nullptr;
    Connection* const connection = found->second;
    expected_.erase(found);
    return connection;
}

void Server::Impl::on_request(Connection& connection, const HttpRequestHead& head,
                              std::string body) {
    const auto route = find_route(head);
    CHECK(route.ok());
    bound_unread(connection);
    const Access access = (*route)->access;
    if (!backend_.permits(connection.peer(), access, "")) {
        respond_with(connection,
                     refusal(Code::NotPermitted, needs_role(access, connection.peer(), "")));
        return;
    }
    PermittedBackend view(backend_, connection.peer());
    switch ((*route)->endpoint) {
        case Endpoint::Status:
            respond_with(connection, answer_status(view, head));
            return;
        case Endpoint::Jobs:
            respond_with(connection, answer_jobs(view, head));
            return;
        case Endpoint::Explain:
            respond_with(connection, answer_explain(view, head));
            return;
        case Endpoint::Logs:
            respond_with(connection, answer_logs(view, head));
            return;
        case Endpoint::Doctor:
            respond_with(connection, answer_doctor(view, head));
            return;
        case Endpoint::Version:
            respond_with(connection, answer_version(view));
            return;
        case Endpoint::Plan:
            respond_with(connection, answer_plan(view, head, body));
            return;
        case Endpoint::Upgrade:
            respond_with(connection, answer_upgrade(view, head));
            return;
        case Endpoint::Events:
            follow_events(connection, head);
            return;
        case Endpoint::Why:
            ask_why(connection, head);
            return;
        case Endpoint::Operation:
            submit(connection, body);
            return;
        case Endpoint::Store:
            respond_with(connection, answer_store(view, head));
            return;
        case Endpoint::StoreChange:
            change_store(connection, body);
            return;
        case Endpoint::Deploy:
            deploy(connection, body);
            return;
        case Endpoint::Spec:
        case Endpoint::Proxy:
        case Endpoint::ProxyChange:
            ask_proxy(connection, (*route)->endpoint, head);
            return;
    }
}

void Server::Impl::submit(Connection& connection, const std::string& body) {
    auto request = operation_request_from_json(body);
    if (!request) {
        respond_with(connection, refusal(Code::Invalid, request.error().message));
        return;
    }
    const std::uint64_t token = expect_answer(connection);
    if (request->timeout > Duration::zero()) connection.answer_within(request->timeout);
    PermittedBackend view(backend_, connection.peer());
    view.submit(std::move(request).value(), connection.peer(), answer_to(token));
}

OperationAnswer Server::Impl::answer_to(std::uint64_t token) {
    return [weak = weak_from_this(), token](const OperationReply& reply) {
        const std::shared_ptr<Impl> self = weak.lock();
        if (!self) return;
        Connection* const client = self->take_expected(token);
        if (client != nullptr) respond_with(*client, answer_operation(reply));
    };
}

void Server::Impl::change_store(Connection& connection, const std::string& body) {
    const auto change = store_change_from_json(body);
    if (!change) {
        respond_with(connection, refusal(Code::Invalid, change.error().message));
        return;
    }
    connection.answer_within(limits_.exchange);
    const std::uint64_t token = expect_answer(connection);
    PermittedBackend view(backend_, connection.peer());
    view.change_store(*change, connection.peer(), answer_to(token));
}

void Server::Impl::deploy(Connection& connection, const std::string& body) {
    const auto request = deploy_request_from_json(body);
    if (!request) {
        respond_with(connection, refusal(Code::Invalid, request.error().message));
        return;
    }
    if (!may_stream(connection)) return;
    connection.begin_stream("application/x-ndjson", {{"Reeve-Code", "done"}});
    const std::uint64_t token = expect_answer(connection);
    DeployListener listener;
    listener.on_text = [weak = weak_from_this(), token](std::string_view text) {
        if (const std::shared_ptr<Impl> self = weak.lock()) self->send_output(token, text);
    };
    listener.on_end = [weak = weak_from_this(), token](const OperationReply& reply) {
        if (const std::shared_ptr<Impl> self = weak.lock()) self->end_deploy(token, reply);
    };
    PermittedBackend view(backend_, connection.peer());
    view.deploy(*request, connection.peer(), std::move(listener));
}

/// A client that reads too slowly loses output; the deploy waits for nobody.
void Server::Impl::send_output(std::uint64_t token, std::string_view text) {
    const auto found = expected_.find(token);
    if (found == expected_.end()) return;
    if (found->second->buffered_bytes() > limits_.deploy_bytes_max) return;
    found->second->send_piece(deploy_text_line(text));
}

void Server::Impl::end_deploy(std::uint64_t token, const OperationReply& reply) {
    Connection* const client = take_expected(token);
    if (client == nullptr) return;
    client->send_piece(deploy_reply_line(reply));
    client->end_stream();
}

/// nginx is given its time, which is longer than that of an exchange.
void Server::Impl::ask_proxy(Connection& connection, Endpoint endpoint,
                             const HttpRequestHead& head) {
    auto* const proxied = dynamic_cast<ProxyBackend*>(&backend_);
    if (proxied == nullptr) {
        respond_with(connection, refusal(Code::Unavailable, "there is no proxy here"));
        return;
    }
    const Access access = endpoint == Endpoint::Proxy ? Access::View : Access::Deploy;
    const std::string app = query_value(head, "app").value_or("");
    if (!backend_.permits(connection.peer(), access, app)) {
        respond_with(connection,
                     refusal(Code::NotPermitted, needs_role(access, connection.peer(), app)));
        return;
    }
    if (endpoint == Endpoint::Spec) return respond_with(connection, answer_spec(*proxied, head));
    if (endpoint == Endpoint::Proxy) return respond_with(connection, answer_proxy(*proxied, head));
    const auto query = read_proxy_query(head);
    if (!query) {
        respond_with(connection, refusal(Code::Invalid, query.error().message));
        return;
    }
    const std::uint64_t token = expect_answer(connection);
    proxied->change_proxy(query->app, query->act, answer_to(token));
}

void Server::Impl::on_answer_overdue(Connection& connection) {
    for (const auto& [token, waiting] : expected_) {
        if (waiting != &connection) continue;
        expected_.erase(token);
        break;
    }
    OperationReply reply;
    reply.code = Code::TimedOut;
    reply.message = "not finished in time; it goes on";
    respond_with(connection, answer_operation(reply));
}

void Server::Impl::ask_why(Connection& connection, const HttpRequestHead& head) {
    PermittedBackend view(backend_, connection.peer());
    const auto query = read_why_query(view, head);
    if (!query) {
        respond_with(connection,
                     refusal(code_of_http_status(query.error().code), query.error().message));
        return;
    }
    connection.answer_within(limits_.exchange);
    const std::uint64_t token = expect_answer(connection);
    view.query_history(query->history, [weak = weak_from_this(), token, format = query->format](
                                           const Result<std::vector<status::Transition>>& history) {
        const std::shared_ptr<Impl> self = weak.lock();
        if (!self) return;
        Connection* const client = self->take_expected(token);
        if (client != nullptr) respond_with(*client, answer_why(history, format));
    });
}

void Server::Impl::follow_events(Connection& connection, const HttpRequestHead& head) {
    auto query = read_events_query(head);
    if (!query) {
        respond_with(connection,
                     refusal(code_of_http_status(query.error().code), query.error().message));
        return;
    }
    if (!may_stream(connection)) return;
    connection.begin_stream(events_content_type(*query), {{"Reeve-Code", "done"}});
    if (query->follow) {
        followers_.emplace(std::piecewise_construct, std::forward_as_tuple(&connection),
                           std::forward_as_tuple(connection, query->history.targets, query->format,
                                                 limits_.follower_bytes_max));
    }
    if (query->history.limit == 0) {
        send_events(connection, *query, {});
        return;
    }
    const std::uint64_t token = expect_answer(connection);
    PermittedBackend view(backend_, connection.peer());
    view.query_history(query->history, [weak = weak_from_this(), token, asked = *query](
                                           const Result<std::vector<status::Transition>>& history) {
        const std::shared_ptr<Impl> self = weak.lock();
        if (!self) return;
        Connection* const client = self->take_expected(token);
        if (client == nullptr) return;
        // Where the ledger does not answer, what comes is still followed.
        self->send_events(*client, asked, history ? *history : std::vector<status::Transition>());
    });
}

void Server::Impl::send_events(Connection& connection, const EventsQuery& query,
                               const std::vector<status::Transition>& history) {
    const auto follower = followers_.find(&connection);
    if (follower != followers_.end()) {
        follower->second.begin(history);
        return;
    }
    for (const status::Transition& transition : history)
        connection.send_piece(event_line(transition, query.format));
    connection.end_stream();
}

Server::Server(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;

Result<Server> Server::listen(event_base* base, os::UniqueFd listener, Backend& backend,
                              const ServerLimits& limits) {
    const int flags = ::fcntl(listener.get(), F_GETFL);
    if (flags < 0 || ::fcntl(listener.get(), F_SETFL, flags | O_NONBLOCK) < 0) {
        return system_error("prepare the API's socket");
    }
    return Server(std::make_shared<Impl>(base, std::move(listener), backend, limits));
}

void Server::publish(const status::Transition& transition) {
    impl_->publish(transition);
}

void Server::hold_accepting() {
    impl_->hold_accepting();
}

void Server::accept_again() {
    impl_->accept_again();
}

void Server::stop_accepting() {
    impl_->stop_accepting();
}

bool Server::busy() const {
    return impl_->busy();
}

}  // namespace reeve::api
