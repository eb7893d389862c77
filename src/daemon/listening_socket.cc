#include "daemon/listening_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "os/users.h"

namespace reeve::daemon {
namespace {

constexpr int kBacklog = 4096;

}  // namespace

Result<os::UniqueFd> make_listening_socket(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return Error{"listen on " + path + ": the path is longer than " +
                         std::to_string(sizeof address.sun_path - 1) +
                         " bytes; give a shorter REEVE_ROOT",
                     ENAMETOOLONG};
    }
    ::memcpy(address.sun_path, path.c_str(), path.size());
    os::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return system_error("create a socket");
    ::unlink(path.c_str());
    // Nobody may connect between bind and chmod.
    const mode_t before = ::umask(0177);
    const int bound =
        ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    const int error = errno;
    ::umask(before);
    if (bound != 0) return system_error("bind " + path, error);
    const Result<gid_t>& group = os::operators_group();
    const bool is_users_own = ::geteuid() != 0;  // and no business of the operators
    if (group && !is_users_own && ::chown(path.c_str(), static_cast<uid_t>(-1), *group) != 0) {
        return system_error("give " + path + " to the group reeve");
    }
    if (::chmod(path.c_str(), 0660) != 0) return system_error("chmod " + path);
    if (::listen(socket.get(), kBacklog) != 0) return system_error("listen on " + path);
    return socket;
}

}  // namespace reeve::daemon
