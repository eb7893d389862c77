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

/// No group: there is nobody to give it to.
Result<void> give_to_group(const std::string& path, const Result<gid_t>& group) {
    const bool is_users_own = ::geteuid() != 0;  // and no business of the operators
    if (group && !is_users_own && ::chown(path.c_str(), static_cast<uid_t>(-1), *group) != 0) {
        return system_error("give " + path + " to the group reeve");
    }
    return {};
}

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
    TRY(give_to_group(path, os::operators_group_in_file()));
    if (::chmod(path.c_str(), 0660) != 0) return system_error("chmod " + path);
    if (::listen(socket.get(), kBacklog) != 0) return system_error("listen on " + path);
    return socket;
}

Result<void> give_to_operators(const std::string& path) {
    return give_to_group(path, os::operators_group());
}

}  // namespace reeve::daemon
