#include "os/lock_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

namespace reeve::os {

Result<UniqueFd> take_lock_file(const std::string& path) {
    constexpr unsigned kOwnerOnly = 0600;
    UniqueFd file = TRY(open_file(path, O_RDWR | O_CREAT, kOwnerOnly));
    while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EINTR) return system_error("lock " + path);
    }
    return file;
}

std::string cron_lock_path(const Paths& paths, const std::string& id) {
    return paths.state_dir + "/cron-" + id + ".lock";
}

}  // namespace reeve::os
