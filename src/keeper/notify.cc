#include "keeper/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <string>

#include "os/fd.h"

namespace reeve::keeper {
namespace {

// The environment is the process's: so is this.
std::string& notify_socket() {
    static std::string path;
    return path;
}

}  // namespace

void take_notify_socket() {
    const char* path = ::getenv("NOTIFY_SOCKET");
    notify_socket() = path == nullptr ? "" : path;
    ::unsetenv("NOTIFY_SOCKET");
}

void notify_ready() {
    const std::string& path = notify_socket();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() < 2 || path.size() >= sizeof address.sun_path) return;
    ::memcpy(address.sun_path, path.data(), path.size());
    if (path.front() == '@') address.sun_path[0] = '\0';
    const os::UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const std::string text = "READY=1\nMAINPID=" + std::to_string(::getpid());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    // A service manager that does not listen is not told.
    (void)::sendto(socket.get(), text.data(), text.size(), MSG_NOSIGNAL,
                   reinterpret_cast<const sockaddr*>(&address), size);
}

}  // namespace reeve::keeper
