#include "drivers/notify_sockets.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <utility>

#include "base/text.h"
#include "os/paths.h"

namespace reeve::drivers {
namespace {

constexpr const char* kStoredNotifyPrefix = "notify/";
constexpr std::size_t kMessageBytesMax = 4096;
// Read in one turn of the loop: who floods the socket delays nobody.
constexpr int kMessagesAtOnceMax = 32;
// Pings in between say nothing new: a watchdog's time is a second at least.
constexpr Duration kPingPause = 100ms;

}  // namespace

NotifyMessage parse_notify(std::string_view text) {
    constexpr std::string_view kStatus = "STATUS=";
    NotifyMessage message;
    for (const std::string_view line : split(text, '\n')) {
        if (line == "READY=1") message.ready = true;
        if (line == "WATCHDOG=1") message.watchdog = true;
        if (line.starts_with(kStatus)) message.status = std::string(line.substr(kStatus.size()));
    }
    return message;
}

NotifySockets::NotifySockets(event_base* loop, std::string directory, KeeperClient& keeper,
                             EventSink sink)
    : loop_(loop), directory_(std::move(directory)), keeper_(keeper), sink_(std::move(sink)) {}

std::string NotifySockets::key_of(const std::string& instance, int slot) {
    return instance + " " + std::to_string(slot);
}

/// Short, since a socket's path may have 107 bytes.
std::string NotifySockets::path_of(const std::string& key) const {
    return directory_ + "/" + to_hex(std::hash<std::string>{}(key));
}

void NotifySockets::restore(std::map<std::string, os::UniqueFd>& stored) {
    for (auto& [name, fd] : stored) {
        if (!name.starts_with(kStoredNotifyPrefix) || !fd) continue;
        const std::string key = name.substr(std::string_view(kStoredNotifyPrefix).size());
        Socket& socket = sockets_[key];
        socket.fd = std::move(fd);
        socket.path = path_of(key);
    }
}

Result<std::string> NotifySockets::open(const std::string& instance, int slot, uid_t uid,
                                        core::RunId run) {
    const std::string key = key_of(instance, slot);
    Socket& socket = sockets_[key];
    if (!socket.fd) {
        TRY(os::make_directories(directory_, 0711));
        socket.path = path_of(key);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (socket.path.size() >= sizeof address.sun_path) {
            return Error{"bind " + socket.path + ": the path is too long", ENAMETOOLONG};
        }
        ::strncpy(address.sun_path, socket.path.c_str(), sizeof address.sun_path - 1);
        os::UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!fd) return system_error("make a notify socket");
        ::unlink(socket.path.c_str());
        if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            return system_error("bind " + socket.path);
        }
        socket.fd = std::move(fd);
        keeper_.store_fd(kStoredNotifyPrefix + key, socket.fd.get());
    }
    if (::chmod(socket.path.c_str(), 0600) != 0 ||
        ::chown(socket.path.c_str(), uid, static_cast<gid_t>(-1)) != 0) {
        const Error problem = system_error("give " + socket.path + " to its user");
        if (uid != ::geteuid()) return problem;
    }
    // What the run before has said and nobody has read is not this one's.
    char rest[kMessageBytesMax];
    for (int i = 0; i < kMessagesAtOnceMax; ++i) {
        if (::recv(socket.fd.get(), rest, sizeof rest, MSG_DONTWAIT) < 0) break;
    }
    attach(instance, slot, run);
    return socket.path;
}

void NotifySockets::attach(const std::string& instance, int slot, core::RunId run) {
    const std::string key = key_of(instance, slot);
    const auto found = sockets_.find(key);
    if (found == sockets_.end()) return;
    Socket& socket = found->second;
    socket.run = run;
    socket.said_ready = false;
    socket.ready_wanted = false;
    if (!socket.readable.active()) listen(key, socket);
}

void NotifySockets::listen(const std::string& key, Socket& socket) {
    socket.readable =
        Watch(loop_, socket.fd.get(), Watch::For::Reading, [this, key] { read(key); });
}

void NotifySockets::read(const std::string& key) {
    const auto found = sockets_.find(key);
    if (found == sockets_.end()) return;
    NotifyMessage all;
    char bytes[kMessageBytesMax];
    for (int i = 0; i < kMessagesAtOnceMax; ++i) {
        const ssize_t size = ::recv(found->second.fd.get(), bytes, sizeof bytes, MSG_DONTWAIT);
        if (size < 0) break;
        NotifyMessage one = parse_notify({bytes, static_cast<std::size_t>(size)});
        all.ready = all.ready || one.ready;
        all.watchdog = all.watchdog || one.watchdog;
        if (one.status) all.status = std::move(one.status);
    }
    tell(found->second, all);
}

void NotifySockets::tell(Socket& socket, const NotifyMessage& message) {
    if (socket.run == 0) return;
    const TimePoint now = steady_now();
    const bool ping = message.watchdog && now >= socket.last_ping + kPingPause;
    if (ping) socket.last_ping = now;
    if (ping || message.status) sink_(core::NotifySaid{socket.run, ping, message.status});
    if (!message.ready) return;
    socket.said_ready = true;
    if (socket.ready_wanted) sink_(core::Ready{socket.run, "it said READY=1"});
}

void NotifySockets::watch_ready(core::RunId run) {
    for (auto& [key, socket] : sockets_) {
        if (socket.run != run) continue;
        socket.ready_wanted = true;
        if (socket.said_ready) sink_(core::Ready{run, "it said READY=1"});
    }
}

void NotifySockets::forget_run(core::RunId run) {
    for (auto& [key, socket] : sockets_) {
        if (socket.run == run) socket.run = 0;
    }
}

void NotifySockets::visit(const std::function<void(const std::string&, int)>& visit) const {
    for (const auto& [key, socket] : sockets_)
        visit(kStoredNotifyPrefix + key, socket.fd.get());
}

void NotifySockets::remove_files() const {
    for (const auto& [key, socket] : sockets_)
        ::unlink(socket.path.c_str());
}

void NotifySockets::forget_instance(const std::string& instance) {
    for (int slot = 0; slot < core::kPortSlots; ++slot) {
        const auto found = sockets_.find(key_of(instance, slot));
        if (found == sockets_.end()) continue;
        ::unlink(found->second.path.c_str());
        keeper_.drop_fd(kStoredNotifyPrefix + found->first);
        sockets_.erase(found);
    }
}

}  // namespace reeve::drivers
