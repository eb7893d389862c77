#include "scribe/reserve_file.h"

#include <fcntl.h>
#include <unistd.h>

#include "os/fd.h"

namespace reeve::scribe {

Result<void> ReserveFile::take() {
    if (held_) return {};
    const os::UniqueFd file = TRY(os::open_file(path_, O_WRONLY | O_CREAT | O_NOFOLLOW, 0600));
    const int failure = ::posix_fallocate(file.get(), 0, kReserveBytes);
    if (failure != 0) {
        ::unlink(path_.c_str());
        return system_error("reserve space in " + path_, failure);
    }
    held_ = true;
    return {};
}

bool ReserveFile::give_up() {
    if (!held_) return false;
    held_ = false;
    return ::unlink(path_.c_str()) == 0;
}

}  // namespace reeve::scribe
