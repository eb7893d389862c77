// reeve-keeper: the parent of everything that reeve runs. See keeper/keeper.h.

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <unistd.h>

#include <cstdint>
#include <optional>

#include "base/text.h"
#include "keeper/keeper.h"
#include "keeper/notify.h"

int main(int argc, char** argv) {
    std::optional<int> inherited;
    if (argc == 3 && ::strcmp(argv[1], "--inherit") == 0) {
        const auto fd = reeve::parse_integer(argv[2]);
        inherited = fd && *fd >= 0 && *fd <= INT_MAX ? static_cast<int>(*fd) : -1;
    } else if (argc == 2 && ::strcmp(argv[1], "--version") == 0) {
        ::dprintf(STDOUT_FILENO, "reeve-keeper " REEVE_VERSION "\n");
        return 0;
    } else if (argc != 1) {
        ::dprintf(STDERR_FILENO, "usage: reeve-keeper   (what `reeve daemon` becomes)\n");
        return 2;
    }
    ::prctl(PR_SET_NAME, "reeve-keeper");  // executed by its descriptor it has a number for a name
    std::uint32_t epoch = 0;
    if (::getrandom(&epoch, sizeof epoch, 0) != sizeof epoch)
        epoch = static_cast<std::uint32_t>(::getpid());
    reeve::keeper::take_notify_socket();
    reeve::keeper::Keeper keeper(reeve::os::Paths::from_environment(), epoch);
    const reeve::Result<void> prepared = keeper.prepare(inherited);
    if (!prepared) {
        ::dprintf(STDERR_FILENO, "reeve-keeper: %s\n", prepared.error().message.c_str());
        return 1;
    }
    return keeper.run();
}
