#include "drivers/network_events.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <net/if.h>
#include <utility>

namespace reeve::drivers {
namespace {

constexpr std::size_t kMessageBytesMax = std::size_t{64} * 1024;
/// A kernel that has more to say at once is asked anew.
constexpr int kMessagesPerWake = 64;

using Events = NetworkState::Events;

}  // namespace

// ---- NetworkState

Events NetworkState::link(int index, const std::string& name, bool up) {
    Events events;
    const bool is_new = !devices_.contains(index);
    Device& device = devices_[index];
    if (is_new) events.push_back({"net-device-added", {{"INTERFACE", name}}});
    device.name = name;
    device.up = up;
    for (spec::NamedEvent& event : news_of(device))
        events.push_back(std::move(event));
    return events;
}

Events NetworkState::link_gone(int index) {
    const auto found = devices_.find(index);
    if (found == devices_.end()) return {};
    found->second.up = false;
    Events events = news_of(found->second);
    events.push_back({"net-device-removed", {{"INTERFACE", found->second.name}}});
    devices_.erase(found);
    return events;
}

Events NetworkState::address(int index, int family, const std::string& address) {
    const auto found = devices_.find(index);
    if (found == devices_.end()) return {};
    found->second.addresses[family].insert(address);
    return news_of(found->second);
}

Events NetworkState::address_gone(int index, int family, const std::string& address) {
    const auto found = devices_.find(index);
    if (found == devices_.end()) return {};
    found->second.addresses[family].erase(address);
    return news_of(found->second);
}

Events NetworkState::news_of(Device& device) {
    Events events;
    std::set<int> up_with;
    for (const auto& [family, addresses] : device.addresses) {
        if (device.up && !addresses.empty()) up_with.insert(family);
    }
    const bool is_loopback = device.name == "lo";
    for (const int family : up_with) {
        if (device.told.contains(family)) continue;
        events.push_back({"net-device-up",
                          {{"IFACE", device.name},
                           {"LOGICAL", device.name},
                           {"ADDRFAM", family == AF_INET ? "inet" : "inet6"},
                           {"METHOD", is_loopback ? "loopback" : "static"}}});
    }
    if (up_with.empty() && !device.told.empty()) {
        events.push_back({"net-device-down", {{"IFACE", device.name}, {"LOGICAL", device.name}}});
    }
    if (!up_with.empty() && !is_loopback && !std::exchange(static_told_, true)) {
        events.push_back({"static-network-up", {}});
    }
    device.told = std::move(up_with);
    return events;
}

// ---- Messages

namespace {

/// The first attribute of that type, or empty.
std::string_view attribute(std::string_view attributes, unsigned short type) {
    while (attributes.size() >= sizeof(rtattr)) {
        rtattr header{};
        ::memcpy(&header, attributes.data(), sizeof header);
        if (header.rta_len < sizeof header || header.rta_len > attributes.size()) return {};
        const std::string_view value =
            attributes.substr(sizeof header, header.rta_len - sizeof header);
        if (header.rta_type == type) return value;
        attributes.remove_prefix(
            std::min<std::size_t>(RTA_ALIGN(header.rta_len), attributes.size()));
    }
    return {};
}

Events take_link(std::string_view body, bool gone, NetworkState& state) {
    ifinfomsg link{};
    if (body.size() < sizeof link) return {};
    ::memcpy(&link, body.data(), sizeof link);
    if (gone) return state.link_gone(link.ifi_index);
    const std::string_view raw = attribute(body.substr(sizeof link), IFLA_IFNAME);
    const std::string name(raw.substr(0, raw.find('\0')));
    if (name.empty()) return {};
    return state.link(link.ifi_index, name, (link.ifi_flags & IFF_UP) != 0);
}

Events take_address(std::string_view body, bool gone, NetworkState& state) {
    ifaddrmsg address{};
    if (body.size() < sizeof address) return {};
    ::memcpy(&address, body.data(), sizeof address);
    const bool is_ip = address.ifa_family == AF_INET || address.ifa_family == AF_INET6;
    // Every device has one of these for itself, whether there is a network or not.
    if (!is_ip || address.ifa_scope == RT_SCOPE_LINK) return {};
    const std::string value(attribute(body.substr(sizeof address), IFA_ADDRESS));
    const int index = static_cast<int>(address.ifa_index);
    return gone ? state.address_gone(index, address.ifa_family, value)
                : state.address(index, address.ifa_family, value);
}

}  // namespace

void take_netlink_messages(std::string_view bytes, NetworkState& state,
                           std::vector<spec::NamedEvent>& events) {
    while (bytes.size() >= sizeof(nlmsghdr)) {
        nlmsghdr header{};
        ::memcpy(&header, bytes.data(), sizeof header);
        if (header.nlmsg_len < sizeof header || header.nlmsg_len > bytes.size()) return;
        const std::string_view body = bytes.substr(NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN);
        Events news;
        if (header.nlmsg_type == RTM_NEWLINK || header.nlmsg_type == RTM_DELLINK) {
            news = take_link(body, header.nlmsg_type == RTM_DELLINK, state);
        } else if (header.nlmsg_type == RTM_NEWADDR || header.nlmsg_type == RTM_DELADDR) {
            news = take_address(body, header.nlmsg_type == RTM_DELADDR, state);
        }
        for (spec::NamedEvent& event : news)
            events.push_back(std::move(event));
        bytes.remove_prefix(std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), bytes.size()));
    }
}

// ---- The socket

struct NetworkEvents::State {
    os::UniqueFd socket;
    NetworkState network;
    Events initial;
    std::function<void(spec::NamedEvent)> sink;
    Watch watch;  // destroyed before the socket

    Result<void> dump(unsigned short type);
    Result<bool> receive(Events& events, bool& done);
    void readable();
};

namespace {

bool has_done(std::string_view bytes) {
    while (bytes.size() >= sizeof(nlmsghdr)) {
        nlmsghdr header{};
        ::memcpy(&header, bytes.data(), sizeof header);
        if (header.nlmsg_type == NLMSG_DONE || header.nlmsg_type == NLMSG_ERROR) return true;
        if (header.nlmsg_len < sizeof header || header.nlmsg_len > bytes.size()) return false;
        bytes.remove_prefix(std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), bytes.size()));
    }
    return false;
}

}  // namespace

/// False: there is nothing to read just now.
Result<bool> NetworkEvents::State::receive(Events& events, bool& done) {
    std::string buffer(kMessageBytesMax, '\0');
    const ssize_t size = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    // ENOBUFS: some were lost; what is known is as old as the last one that came.
    if (size < 0 && errno == ENOBUFS) return true;
    if (size < 0) return system_error("receive from rtnetlink");
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(size));
    take_netlink_messages(bytes, network, events);
    done = has_done(bytes);
    return true;
}

/// Asks for all there is. The kernel has the answer ready when the question has been sent.
Result<void> NetworkEvents::State::dump(unsigned short type) {
    struct Request {
        nlmsghdr header;
        rtgenmsg family;
    };
    Request request{};
    request.header.nlmsg_len = NLMSG_LENGTH(sizeof(rtgenmsg));
    request.header.nlmsg_type = type;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request.family.rtgen_family = AF_UNSPEC;
    if (::send(socket.get(), &request, request.header.nlmsg_len, 0) < 0) {
        return system_error("ask rtnetlink");
    }
    bool done = false;
    for (int i = 0; i < kMessagesPerWake && !done; ++i) {
        if (!TRY(receive(initial, done))) break;
    }
    return {};
}

void NetworkEvents::State::readable() {
    Events events;
    bool done = false;
    for (int i = 0; i < kMessagesPerWake; ++i) {
        const Result<bool> received = receive(events, done);
        if (!received.ok() || !*received) break;
    }
    for (spec::NamedEvent& event : events)
        sink(std::move(event));
}

Result<NetworkEvents> NetworkEvents::create(event_base* loop,
                                            std::function<void(spec::NamedEvent)> sink) {
    auto state = std::make_unique<State>();
    state->sink = std::move(sink);
    state->socket.reset(
        ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
    if (!state->socket) return system_error("open rtnetlink");
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
    if (::bind(state->socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address)) {
        return system_error("listen to rtnetlink");
    }
    TRY(state->dump(RTM_GETLINK));
    TRY(state->dump(RTM_GETADDR));
    State* raw = state.get();
    state->watch =
        Watch(loop, state->socket.get(), Watch::For::Reading, [raw] { raw->readable(); });
    return NetworkEvents(std::move(state));
}

NetworkEvents::NetworkEvents(std::unique_ptr<State> state) : state_(std::move(state)) {}
NetworkEvents::~NetworkEvents() = default;
NetworkEvents::NetworkEvents(NetworkEvents&&) noexcept = default;
NetworkEvents& NetworkEvents::operator=(NetworkEvents&&) noexcept = default;

const std::vector<spec::NamedEvent>& NetworkEvents::initial() const {
    return state_->initial;
}

}  // namespace reeve::drivers
