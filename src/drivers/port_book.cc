#include "drivers/port_book.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <netinet/in.h>

#include "base/bytes.h"
#include "base/text.h"
#include "os/fd.h"

namespace reeve::drivers {
namespace {

constexpr int kFirstPort = 20'000;
constexpr int kDefaultEphemeralFirst = 32'768;
constexpr int kPortsMax = 12'000;

int first_ephemeral_port() {
    const Result<std::string> range = os::read_file("/proc/sys/net/ipv4/ip_local_port_range", 256);
    if (!range) return kDefaultEphemeralFirst;
    const std::vector<std::string_view> ends = words(*range);
    if (ends.empty()) return kDefaultEphemeralFirst;
    const Result<std::int64_t> first = parse_integer(ends.front());
    return first ? static_cast<int>(*first) : kDefaultEphemeralFirst;
}

/// Whether nothing listens there. Ends of old connections (TIME_WAIT) do not count.
bool can_bind(int port) {
    const os::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int yes = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    return ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

PortBook::PortBook(std::uint64_t seed) : seed_(seed), first_(kFirstPort) {
    int end = std::min(first_ephemeral_port(), kFirstPort + kPortsMax);
    if (end < kFirstPort + 1000) {
        // The ephemeral range begins early on this machine: stay below it all the same.
        first_ = 2000;
        end = std::max(first_ephemeral_port(), 3000);
    }
    count_ = end - first_;
}

Result<int> PortBook::port_for_start(const spec::InstanceName& instance, int slot) {
    const std::string name = spec::to_text(instance);
    const int had = port_of(instance, slot);
    if (had != 0 && can_bind(had)) return had;
    return give(name, slot, had);
}

Result<std::pair<int, int>> PortBook::pair_of(const spec::InstanceName& instance, int slot) {
    const std::string name = spec::to_text(instance);
    const int first = slot & ~1;
    std::pair<int, int> ports = {port_of(instance, first), port_of(instance, first + 1)};
    if (ports.first == 0) ports.first = TRY(give(name, first, 0));
    if (ports.second == 0) ports.second = TRY(give(name, first + 1, 0));
    return ports;
}

Result<int> PortBook::give(const std::string& instance, int slot, int instead_of) {
    const int port = TRY(find_free(instance, slot));
    taken_.erase(instead_of);
    taken_.insert(port);
    ports_[instance].at(static_cast<std::size_t>(slot)) = port;
    changed_.insert(instance);
    return port;
}

Result<int> PortBook::find_free(const std::string& instance, int slot) {
    const std::uint64_t start = crc32(instance) + seed_ + static_cast<std::uint64_t>(slot);
    for (int i = 0; i < count_; ++i) {
        const std::uint64_t offset =
            (start + static_cast<std::uint64_t>(i)) % static_cast<std::uint64_t>(count_);
        const int port = first_ + static_cast<int>(offset);
        if (taken_.count(port) == 0 && can_bind(port)) return port;
    }
    return Error{"find a port: all from " + std::to_string(first_) + " to " +
                     std::to_string(first_ + count_ - 1) + " are taken",
                 EADDRINUSE};
}

int PortBook::port_of(const spec::InstanceName& instance, int slot) const {
    const auto found = ports_.find(spec::to_text(instance));
    return found == ports_.end() ? 0 : found->second.at(static_cast<std::size_t>(slot));
}

void PortBook::forget(const spec::InstanceName& instance) {
    const auto found = ports_.find(spec::to_text(instance));
    if (found == ports_.end()) return;
    for (const int port : found->second)
        taken_.erase(port);
    changed_.insert(found->first);
    ports_.erase(found);
}

std::string PortBook::text_of(const Ports& ports) {
    std::string text;
    for (const int port : ports)
        text += (text.empty() ? "" : " ") + std::to_string(port);
    return text;
}

std::map<std::string, std::string> PortBook::take_changes() {
    std::map<std::string, std::string> changes;
    for (const std::string& name : changed_) {
        const auto found = ports_.find(name);
        changes[name] = found == ports_.end() ? "" : text_of(found->second);
    }
    changed_.clear();
    return changes;
}

std::map<std::string, std::string> PortBook::entries() const {
    std::map<std::string, std::string> all;
    for (const auto& [name, ports] : ports_)
        all[name] = text_of(ports);
    return all;
}

void PortBook::restore(const std::string& instance, const std::string& ports) {
    const std::vector<std::string_view> parts = words(ports);
    Ports known{};
    if (parts.size() > known.size()) return;
    for (std::size_t slot = 0; slot < parts.size(); ++slot) {
        const Result<std::int64_t> port = parse_integer(parts[slot]);
        if (!port || *port < 0 || *port > 65'535) return;
        known[slot] = static_cast<int>(*port);
    }
    for (const int port : known) {
        if (port != 0) taken_.insert(port);
    }
    ports_[instance] = known;
}

}  // namespace reeve::drivers
