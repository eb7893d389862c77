// reeved: decides. Started by reeve-keeper only. See daemon/daemon.h.

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "base/log.h"
#include "daemon/daemon.h"
#include "link/keeper_protocol.h"
#include "os/fd.h"
#include "os/paths.h"
#include "os/spawner.h"

namespace {

int fail(const reeve::Error& error) {
    reeve::log::error("reason=\"" + error.message + "\"");
    return 1;
}

}  // namespace

int main(int argc, char**) {
    struct stat info {};
    if (argc != 1 || ::fstat(reeve::link::kKeeperLinkFd, &info) != 0 || !S_ISSOCK(info.st_mode)) {
        ::dprintf(STDERR_FILENO,
                  "reeved is started by reeve-keeper: use `reeve daemon [--record FILE]`\n");
        return 2;
    }
    ::prctl(PR_SET_NAME, "reeved");  // executed by its descriptor it has a number for a name
    ::signal(SIGPIPE, SIG_IGN);
    reeve::log::open("reeved", reeve::log::Level::Info);
    (void)reeve::os::set_close_on_exec(reeve::link::kKeeperLinkFd, true);  // was just looked at
    // First of all, since it reserves low descriptors.
    auto spawner = reeve::os::Spawner::create();
    if (!spawner) return fail(spawner.error());
    auto keeper = std::make_unique<reeve::drivers::KeeperClient>(
        reeve::os::UniqueFd(reeve::link::kKeeperLinkFd), ::getppid());
    auto greeting = keeper->receive_greeting();
    if (!greeting) return fail(greeting.error());
    auto daemon =
        reeve::daemon::Daemon::create(reeve::os::Paths::from_environment(), std::move(*spawner),
                                      std::move(keeper), std::move(*greeting));
    if (!daemon) return fail(daemon.error());
    return (*daemon)->run();
}
