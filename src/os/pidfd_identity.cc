#include "os/pidfd_identity.h"

#include <sys/stat.h>
#include <sys/vfs.h>

namespace reeve::os {
namespace {

/// PID_FS_MAGIC; Debian 12's headers do not have it. Before, all pidfds share an inode.
constexpr long kPidfsMagic = 0x50494446;

bool is_on_pidfs(int pidfd) {
    struct statfs info {};
    return ::fstatfs(pidfd, &info) == 0 && info.f_type == kPidfsMagic;
}

}  // namespace

std::optional<std::uint64_t> identity_of(int pidfd) {
    // With fewer bits the kernel's own number does not fit.
    static const bool kernel_knows = sizeof(ino_t) == sizeof(std::uint64_t) && is_on_pidfs(pidfd);
    struct stat info {};
    if (!kernel_knows || ::fstat(pidfd, &info) != 0) return std::nullopt;
    return info.st_ino;
}

}  // namespace reeve::os
