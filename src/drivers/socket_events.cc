#include "drivers/socket_events.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <arpa/inet.h>
#include <map>
#include <netinet/in.h>
#include <utility>
#include <variant>

#include "base/log.h"
#include "base/text.h"

namespace reeve::drivers {
namespace {

constexpr const char* kStoredSocketPrefix = "socket/";
/// Connections within this time are one event: the job that has come accepts them all.
constexpr Duration kQuietTime = 100ms;
constexpr int kWakesAtOnceMax = 64;

/// Something that bind(2) takes, and how long it is.
struct Name {
    sockaddr_storage storage{};
    socklen_t size = 0;
    int family = AF_UNSPEC;
};

template <typename Address>
Name name_of(const Address& address, sa_family_t family) {
    Name name;
    ::memcpy(&name.storage, &address, sizeof address);
    name.size = sizeof address;
    name.family = family;
    return name;
}

Result<Name> to_name(const SocketAddress& address) {
    if (address.protocol == "unix") {
        sockaddr_un unix_name{};
        unix_name.sun_family = AF_UNIX;
        if (address.address.size() >= sizeof unix_name.sun_path)
            return Error{"the path is too long", ENAMETOOLONG};
        ::memcpy(unix_name.sun_path, address.address.c_str(), address.address.size() + 1);
        return name_of(unix_name, AF_UNIX);
    }
    const auto port = ::htons(static_cast<std::uint16_t>(address.port));
    if (address.protocol == "inet") {
        sockaddr_in inet{};
        inet.sin_family = AF_INET;
        inet.sin_port = port;
        if (::inet_pton(AF_INET, address.address.c_str(), &inet.sin_addr) != 1)
            return Error{"this is no address of IPv4", EINVAL};
        return name_of(inet, AF_INET);
    }
    sockaddr_in6 inet6{};
    inet6.sin6_family = AF_INET6;
    inet6.sin6_port = port;
    if (::inet_pton(AF_INET6, address.address.c_str(), &inet6.sin6_addr) != 1)
        return Error{"this is no address of IPv6", EINVAL};
    return name_of(inet6, AF_INET6);
}

/// A socket's file that nobody listens at any more is in the way.
void remove_stale(const Name& name, const std::string& path) {
    const os::UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int result =
        ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&name.storage), name.size);
    if (result != 0 && errno == ECONNREFUSED) ::unlink(path.c_str());
}

Result<os::UniqueFd> open_socket(const SocketAddress& address) {
    const Name name = TRY(to_name(address));
    if (name.family == AF_UNIX) remove_stale(name, address.address);
    os::UniqueFd fd(::socket(name.family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd) return system_error("make a socket");
    const int on = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (name.family == AF_INET6) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&name.storage), name.size) != 0)
        return system_error("bind");
    if (::listen(fd.get(), SOMAXCONN) != 0) return system_error("listen");
    return fd;
}

std::string value_of(const spec::EventMatch& leaf, std::string_view key) {
    for (const spec::EventArgument& argument : leaf.arguments) {
        if (argument.key == key && !argument.negated) return argument.pattern;
    }
    return "";
}

std::optional<SocketAddress> socket_of(const spec::EventMatch& leaf) {
    if (leaf.name != "socket") return std::nullopt;
    SocketAddress address;
    address.protocol = value_of(leaf, "PROTO");
    if (address.protocol == "unix") {
        address.address = value_of(leaf, "SOCKET_PATH");
        if (!address.address.starts_with('/')) return std::nullopt;
        return address;
    }
    if (address.protocol != "inet" && address.protocol != "inet6") return std::nullopt;
    const Result<std::int64_t> port = parse_integer(value_of(leaf, "PORT"));
    if (!port || *port < 1 || *port > UINT16_MAX) return std::nullopt;
    address.port = static_cast<int>(*port);
    address.address = value_of(leaf, "ADDR");
    if (address.address.empty()) address.address = address.protocol == "inet" ? "0.0.0.0" : "::";
    return address;
}

}  // namespace

std::string to_text(const SocketAddress& address) {
    if (address.protocol == "unix") return "unix " + address.address;
    return address.protocol + " " + address.address + ":" + std::to_string(address.port);
}

std::vector<SocketAddress> sockets_of(const spec::Service& service) {
    std::vector<SocketAddress> sockets;
    if (!service.job || !service.job->start_on) return sockets;
    for (const spec::EventNode& node : service.job->start_on->nodes) {
        const auto* leaf = std::get_if<spec::EventMatch>(&node);
        if (leaf == nullptr) continue;
        const std::optional<SocketAddress> socket = socket_of(*leaf);
        const bool is_new =
            socket && std::find(sockets.begin(), sockets.end(), *socket) == sockets.end();
        if (is_new) sockets.push_back(*socket);
    }
    return sockets;
}

spec::NamedEvent socket_event(const SocketAddress& address) {
    if (address.protocol == "unix")
        return {"socket", {{"PROTO", "unix"}, {"SOCKET_PATH", address.address}}};
    return {"socket",
            {{"PROTO", address.protocol},
             {"PORT", std::to_string(address.port)},
             {"ADDR", address.address}}};
}

struct SocketEvents::State {
    struct Socket {
        SocketAddress address;
        os::UniqueFd fd;
        int lent = -1;  // the number of Spawner::lend
        TimePoint told;
        bool is_due = false;  // something came right after it was told
    };
    Parts parts;
    std::function<void(spec::NamedEvent)> sink;
    std::map<std::string, Socket> sockets;       // by the text of their address
    std::map<std::string, os::UniqueFd> stored;  // of an earlier reeved, likewise
    std::map<std::uint64_t, std::string> names;  // by their number in the epoll
    std::uint64_t last_number = 0;
    os::UniqueFd epoll;  // which tells of each new connection once
    Watch watch;         // destroyed before the descriptor
    std::optional<Alarm> alarm;

    Result<void> add(const SocketAddress& address);
    void remove(const std::string& name);
    void readable();
    void connected(Socket& socket);
    void look_again();
};

Result<void> SocketEvents::State::add(const SocketAddress& address) {
    const std::string name = to_text(address);
    Socket socket;
    socket.address = address;
    const auto kept = stored.find(name);
    if (kept != stored.end()) {
        socket.fd = std::move(kept->second);
        stored.erase(kept);
    } else {
        socket.fd = TRY(open_socket(address));
        parts.keeper.store_fd(kStoredSocketPrefix + name, socket.fd.get());
    }
    epoll_event wanted{};
    wanted.events = EPOLLIN | EPOLLET;
    wanted.data.u64 = ++last_number;
    if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, socket.fd.get(), &wanted) != 0)
        return system_error("watch");
    socket.lent = TRY(parts.spawner.lend(socket.fd.get()));
    names[last_number] = name;
    sockets[name] = std::move(socket);
    return {};
}

void SocketEvents::State::remove(const std::string& name) {
    const auto found = sockets.find(name);
    const Socket& socket = found->second;
    // A copy of the descriptor that is lent keeps it in the epoll.
    ::epoll_ctl(epoll.get(), EPOLL_CTL_DEL, socket.fd.get(), nullptr);
    parts.spawner.take_back(socket.lent);
    parts.keeper.drop_fd(kStoredSocketPrefix + name);
    if (socket.address.protocol == "unix") ::unlink(socket.address.address.c_str());
    std::erase_if(names, [&name](const auto& entry) { return entry.second == name; });
    sockets.erase(found);
}

void SocketEvents::State::readable() {
    epoll_event events[kWakesAtOnceMax];
    const int count = ::epoll_wait(epoll.get(), events, kWakesAtOnceMax, 0);
    for (int i = 0; i < count; ++i) {
        const std::uint64_t number = events[i].data.u64;  // a copy: the struct is packed
        const auto name = names.find(number);
        if (name != names.end()) connected(sockets.at(name->second));
    }
}

void SocketEvents::State::connected(Socket& socket) {
    const TimePoint now = steady_now();
    if (now < socket.told + kQuietTime) {
        socket.is_due = true;
        alarm->set(now + kQuietTime);
        return;
    }
    socket.told = now;
    sink(socket_event(socket.address));
}

/// Whoever connected while the job was about to end still waits.
void SocketEvents::State::look_again() {
    for (auto& [name, socket] : sockets) {
        if (!std::exchange(socket.is_due, false)) continue;
        pollfd waiting{socket.fd.get(), POLLIN, 0};
        if (::poll(&waiting, 1, 0) == 1) connected(socket);
    }
}

Result<std::unique_ptr<SocketEvents>> SocketEvents::create(
    Parts parts, std::function<void(spec::NamedEvent)> sink) {
    auto state = std::make_unique<State>(State{parts, std::move(sink), {}, {}, {}, 0, {}, {}, {}});
    state->epoll.reset(::epoll_create1(EPOLL_CLOEXEC));
    if (!state->epoll) return system_error("watch sockets");
    State* raw = state.get();
    state->watch =
        Watch(parts.loop, state->epoll.get(), Watch::For::Reading, [raw] { raw->readable(); });
    state->alarm.emplace(TRY(Alarm::create(parts.loop, [raw] { raw->look_again(); })));
    return std::unique_ptr<SocketEvents>(new SocketEvents(std::move(state)));
}

void SocketEvents::restore(std::map<std::string, os::UniqueFd>& stored) {
    for (auto& [name, fd] : stored) {
        if (!name.starts_with(kStoredSocketPrefix) || !fd) continue;
        state_->stored[name.substr(std::string_view(kStoredSocketPrefix).size())] = std::move(fd);
    }
}

void SocketEvents::listen(const std::set<SocketAddress>& wanted) {
    std::vector<std::string> gone;
    for (const auto& [name, socket] : state_->sockets) {
        if (!wanted.contains(socket.address)) gone.push_back(name);
    }
    for (const std::string& name : gone)
        state_->remove(name);
    for (const SocketAddress& address : wanted) {
        const std::string name = to_text(address);
        if (state_->sockets.contains(name)) continue;
        const Result<void> added = state_->add(address);
        if (added) continue;
        state_->parts.keeper.drop_fd(kStoredSocketPrefix + name);
        log::warning("reason=\"nobody listens at " + name + ": " + added.error().message + "\"");
    }
    // What an earlier reeved had for jobs that are no more.
    for (const auto& [name, fd] : state_->stored)
        state_->parts.keeper.drop_fd(kStoredSocketPrefix + name);
    state_->stored.clear();
}

std::vector<int> SocketEvents::passed_to(const spec::Service& service) const {
    std::vector<int> numbers;
    for (const SocketAddress& address : sockets_of(service)) {
        const auto found = state_->sockets.find(to_text(address));
        const bool has_room = numbers.size() < os::kPassedFdsMax;
        if (found != state_->sockets.end() && has_room) numbers.push_back(found->second.lent);
    }
    return numbers;
}

void SocketEvents::visit(const std::function<void(const std::string&, int)>& visit) const {
    for (const auto& [name, socket] : state_->sockets)
        visit(kStoredSocketPrefix + name, socket.fd.get());
}

SocketEvents::SocketEvents(std::unique_ptr<State> state) : state_(std::move(state)) {}
SocketEvents::~SocketEvents() = default;

}  // namespace reeve::drivers
