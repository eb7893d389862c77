#include "drivers/net_probe.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <arpa/inet.h>
#include <deque>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <list>
#include <optional>
#include <utility>

#include "drivers/body_match.h"
#include "drivers/http_answer.h"
#include "drivers/tls.h"

namespace reeve::drivers {
namespace {

constexpr std::size_t kReadAtOnceMax = 64 * 1024;

template <typename T, void (*Free)(T*)>
struct Freed {
    void operator()(T* object) const { Free(object); }
};
using Connection = std::unique_ptr<bufferevent, Freed<bufferevent, bufferevent_free>>;
using Timer = std::unique_ptr<event, Freed<event, event_free>>;

void free_dns(evdns_base* base) {
    ::evdns_base_free(base, 0);
}
using Dns = std::unique_ptr<evdns_base, Freed<evdns_base, free_dns>>;

/// One probe, from its question to its answer.
struct OneProbe {
    std::uint64_t owner = 0;
    std::variant<spec::HttpProbe, spec::TcpProbe, spec::UnixProbe> what;
    int port = 0;
    Duration timeout{};
    NetProbes::Done done;

    std::string path;  // Http: asked for just now
    std::uint32_t redirects = 0;
    bool connected = false;
    std::string problem;  // of a connect that failed at once; told from the loop
    HttpAnswer answer;
    const Tls* tls = nullptr;  // of the connection, if it has any
    Connection connection;
    Timer timer;

    std::string tls_problem() const {
        char text[256] = "";
        if (tls != nullptr) tls->problem(connection.get(), text, sizeof text);
        return text;
    }

    const spec::HttpProbe* http() const { return std::get_if<spec::HttpProbe>(&what); }
};

}  // namespace

struct NetProbes::State {
    using Place = std::list<OneProbe>::iterator;
    struct Callback {
        State* state;
        Place place;
    };

    event_base* loop = nullptr;
    Dns dns;  // made at the first name
    std::list<OneProbe> probes;
    std::deque<Place> waiting;
    std::size_t under_way = 0;
    // What libevent hands back; one for each probe, in the same order of life.
    std::list<Callback> callbacks;

    void add(OneProbe probe);
    void begin(Place place);
    bool connect(OneProbe& probe);
    bool connect_to_name(OneProbe& probe, const std::string& host);
    Connection make_connection(OneProbe& probe);
    void ask(OneProbe& probe);
    void readable(Place place, bool at_end);
    void happened(Place place, short what);
    void judge(Place place);
    /// A text of its own: the probe, whose answer it may come from, is gone when it is told.
    void finish(Place place, bool passed, std::string text);
    void drop(Place place);
};

NetProbes::NetProbes(event_base* loop) : state_(std::make_unique<State>()) {
    state_->loop = loop;
}
NetProbes::~NetProbes() = default;

void NetProbes::start(std::uint64_t owner, const spec::HttpProbe& probe, int port, Duration timeout,
                      Done done) {
    OneProbe one{owner, probe, probe.port == 0 ? port : probe.port, timeout, std::move(done)};
    one.path = probe.path;
    state_->add(std::move(one));
}

void NetProbes::start(std::uint64_t owner, const spec::TcpProbe& probe, int port, Duration timeout,
                      Done done) {
    state_->add(
        OneProbe{owner, probe, probe.port == 0 ? port : probe.port, timeout, std::move(done)});
}

void NetProbes::start(std::uint64_t owner, const spec::UnixProbe& probe, Duration timeout,
                      Done done) {
    state_->add(OneProbe{owner, probe, 0, timeout, std::move(done)});
}

void NetProbes::forget(std::uint64_t owner) {
    for (auto place = state_->probes.begin(); place != state_->probes.end();) {
        const auto next = std::next(place);
        if (place->owner == owner) state_->drop(place);
        place = next;
    }
}

// ---- One after the other.

void NetProbes::State::add(OneProbe probe) {
    probes.push_back(std::move(probe));
    const Place place = std::prev(probes.end());
    callbacks.push_back(Callback{this, place});
    Callback* callback = &callbacks.back();
    place->timer.reset(::event_new(
        loop, -1, 0,
        [](evutil_socket_t, short, void* argument) {
            const Callback& call = *static_cast<Callback*>(argument);
            const OneProbe& late = *call.place;
            std::string text = late.problem;
            if (text.empty()) {
                text =
                    late.connected ? "connected, but no answer within " : "no connection within ";
                text += to_text(late.timeout);
            }
            call.state->finish(call.place, false, text);
        },
        callback));
    const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(place->timeout);
    timeval length{};
    length.tv_sec = static_cast<time_t>(microseconds.count() / 1'000'000);
    length.tv_usec = static_cast<suseconds_t>(microseconds.count() % 1'000'000);
    ::event_add(place->timer.get(), &length);
    if (under_way < kAtOnceMax) return begin(place);
    waiting.push_back(place);
}

void NetProbes::State::begin(Place place) {
    ++under_way;
    errno = 0;
    if (connect(*place)) return;
    if (place->problem.empty())
        place->problem = "connect: " + std::string(::strerror(errno == 0 ? EINVAL : errno));
    const timeval at_once{};
    ::event_add(place->timer.get(), &at_once);
}

void NetProbes::State::finish(Place place, bool passed, std::string text) {
    const Done done = std::move(place->done);
    drop(place);
    done(passed, text);
}

void NetProbes::State::drop(Place place) {
    const auto queued = std::find(waiting.begin(), waiting.end(), place);
    if (queued != waiting.end()) {
        waiting.erase(queued);
    } else {
        --under_way;
    }
    std::erase_if(callbacks, [&](const Callback& callback) { return callback.place == place; });
    probes.erase(place);
    while (!waiting.empty() && under_way < kAtOnceMax) {
        const Place next = waiting.front();
        waiting.pop_front();
        begin(next);
    }
}

// ---- Connecting.

Connection NetProbes::State::make_connection(OneProbe& probe) {
    const spec::HttpProbe* http = probe.http();
    if (http == nullptr || http->scheme == spec::HttpScheme::Http) {
        return Connection(::bufferevent_socket_new(loop, -1, BEV_OPT_CLOSE_ON_FREE));
    }
    const Result<Tls>& tls = load_tls();
    if (!tls) {
        probe.problem = tls.error().message;
        return nullptr;
    }
    probe.tls = &*tls;
    const bool verified = http->scheme == spec::HttpScheme::Https;
    return Connection(tls->connection(loop, http->host.c_str(), verified));
}

bool NetProbes::State::connect(OneProbe& probe) {
    probe.connection = make_connection(probe);
    if (!probe.connection) return false;
    const auto callback = std::find_if(callbacks.begin(), callbacks.end(),
                                       [&](const Callback& c) { return &*c.place == &probe; });
    ::bufferevent_setcb(
        probe.connection.get(),
        [](bufferevent*, void* argument) {
            const Callback& call = *static_cast<Callback*>(argument);
            call.state->readable(call.place, false);
        },
        nullptr,
        [](bufferevent*, short what, void* argument) {
            const Callback& call = *static_cast<Callback*>(argument);
            call.state->happened(call.place, what);
        },
        &*callback);
    ::bufferevent_setwatermark(probe.connection.get(), EV_READ, 0, kReadAtOnceMax);
    ::bufferevent_enable(probe.connection.get(), EV_READ | EV_WRITE);
    if (const auto* local = std::get_if<spec::UnixProbe>(&probe.what)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        ::strncpy(address.sun_path, local->path.c_str(), sizeof address.sun_path - 1);
        return ::bufferevent_socket_connect(probe.connection.get(),
                                            reinterpret_cast<sockaddr*>(&address),
                                            sizeof address) == 0;
    }
    const auto* tcp = std::get_if<spec::TcpProbe>(&probe.what);
    return connect_to_name(probe, tcp != nullptr ? tcp->host : probe.http()->host);
}

bool NetProbes::State::connect_to_name(OneProbe& probe, const std::string& host) {
    sockaddr_storage address{};
    int size = sizeof address;
    const bool v6 = host.find(':') != std::string::npos;
    const std::string text = (v6 ? "[" + host + "]" : host) + ":" + std::to_string(probe.port);
    if (::evutil_parse_sockaddr_port(text.c_str(), reinterpret_cast<sockaddr*>(&address), &size) ==
        0) {
        return ::bufferevent_socket_connect(probe.connection.get(),
                                            reinterpret_cast<sockaddr*>(&address), size) == 0;
    }
    if (!dns) {
        dns.reset(::evdns_base_new(
            loop, EVDNS_BASE_INITIALIZE_NAMESERVERS | EVDNS_BASE_DISABLE_WHEN_INACTIVE));
    }
    if (!dns) return false;
    return ::bufferevent_socket_connect_hostname(probe.connection.get(), dns.get(), AF_UNSPEC,
                                                 host.c_str(), probe.port) == 0;
}

// ---- Asking and judging.

void NetProbes::State::happened(Place place, short what) {
    if ((what & BEV_EVENT_CONNECTED) != 0) {
        place->connected = true;
        if (place->http() == nullptr) return finish(place, true, "accepts connections");
        return ask(*place);
    }
    if ((what & BEV_EVENT_EOF) != 0 && place->http() != nullptr && place->connected) {
        return readable(place, true);
    }
    if ((what & (BEV_EVENT_ERROR | BEV_EVENT_EOF)) == 0) return;
    const int lookup = ::bufferevent_socket_get_dns_error(place->connection.get());
    std::string text = lookup != 0 ? ::evutil_gai_strerror(lookup) : place->tls_problem();
    if (text.empty()) text = ::strerror(EVUTIL_SOCKET_ERROR());
    finish(place, false, (place->connected ? "connection lost: " : "connect: ") + text);
}

void NetProbes::State::ask(OneProbe& probe) {
    const std::string request = http_request(*probe.http(), probe.port, probe.path);
    ::bufferevent_write(probe.connection.get(), request.data(), request.size());
}

/// The end of the connection may be the end of the answer.
void NetProbes::State::readable(Place place, bool at_end) {
    evbuffer* input = ::bufferevent_get_input(place->connection.get());
    HttpAnswer::Progress progress = HttpAnswer::Progress::Reading;
    while (const std::size_t size = ::evbuffer_get_length(input)) {
        std::string bytes(std::min(size, kReadAtOnceMax), '\0');
        const int read = ::evbuffer_remove(input, bytes.data(), bytes.size());
        if (read <= 0) break;
        bytes.resize(static_cast<std::size_t>(read));
        progress = place->answer.feed(bytes);
        if (progress != HttpAnswer::Progress::Reading) break;
    }
    if (progress == HttpAnswer::Progress::Reading && at_end) progress = place->answer.end();
    if (progress == HttpAnswer::Progress::Complete) return judge(place);
    if (progress == HttpAnswer::Progress::Broken) {
        const std::string& status = place->answer.status_line();
        finish(place, false, status.empty() ? "no HTTP answer" : status + ", cut off");
    }
}

void NetProbes::State::judge(Place place) {
    const spec::HttpProbe& http = *place->http();
    const HttpAnswer& answer = place->answer;
    const bool redirects = answer.status() >= 301 && answer.status() <= 308;
    if (redirects && place->redirects < http.redirects_max) {
        const std::string next =
            path_after_redirect(http, place->port, place->path, answer.location());
        if (!next.empty()) {
            ++place->redirects;
            place->path = next;
            place->connected = false;
            place->answer = HttpAnswer();
            if (connect(*place)) return;
        }
    }
    const bool expected = std::any_of(http.expected.begin(), http.expected.end(), [&](auto range) {
        return answer.status() >= range.first && answer.status() <= range.last;
    });
    if (!expected || !http.body) return finish(place, expected, answer.status_line());
    const std::string problem = body_problem(*http.body, answer.body());
    finish(place, problem.empty(),
           answer.status_line() + (problem.empty() ? "" : ", but " + problem));
}

}  // namespace reeve::drivers
