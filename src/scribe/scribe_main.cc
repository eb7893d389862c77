#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "base/log.h"
#include "link/keeper_protocol.h"
#include "os/fd.h"
#include "os/paths.h"
#include "scribe/scribe.h"

namespace reeve::scribe {
namespace {

constexpr unsigned kStateDirectoryMode = 0755;
constexpr mode_t kStateUmask = 022;
constexpr mode_t kUmask = 027;

WallTime wall_clock() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return WallTime{now.tv_sec * 1'000'000'000LL + now.tv_nsec};
}

/// Readable once SIGTERM came. Ctrl-C at the terminal of `reeve run` reaches every process: that
/// end is the keeper's business.
Result<os::UniqueFd> take_signals() {
    for (const int ignored : {SIGINT, SIGHUP, SIGPIPE, SIGXFSZ})
        ::signal(ignored, SIG_IGN);
    sigset_t end_signals;
    ::sigemptyset(&end_signals);
    ::sigaddset(&end_signals, SIGTERM);
    ::sigprocmask(SIG_SETMASK, &end_signals, nullptr);
    os::UniqueFd fd(::signalfd(-1, &end_signals, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd) return system_error("take signals");
    return fd;
}

/// Waits until no other scribe of this reeve is left: two would write to the same files.
Result<os::UniqueFd> lock_out_others(const std::string& path) {
    os::UniqueFd lock = TRY(os::open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
    while (::flock(lock.get(), LOCK_EX) != 0) {
        if (errno != EINTR) return system_error("lock " + path);
    }
    return lock;
}

Result<void> run() {
    const os::Paths paths = os::Paths::from_environment();
    ::umask(kStateUmask);  // the users of apps pass through here to their releases
    TRY(os::make_directories(paths.state_dir, kStateDirectoryMode));
    ::umask(kUmask);
    (void)os::raise_open_files_limit();  // with fewer, fewer logs are read, and that is reported
    os::UniqueFd end_signals = TRY(take_signals());
    const os::UniqueFd lock = TRY(lock_out_others(paths.run_dir + "/scribe.lock"));
    Scribe::Settings settings;
    settings.state_dir = paths.state_dir;
    settings.in_flight_path = paths.run_dir + "/scribe.in-flight";
    settings.clock = wall_clock;
    os::UniqueFd control(link::kKeeperLinkFd);
    TRY(os::set_close_on_exec(control.get(), true));
    const std::unique_ptr<Scribe> scribe =
        TRY(Scribe::create(settings, std::move(control), std::move(end_signals)));
    scribe->run();
    return {};
}

}  // namespace
}  // namespace reeve::scribe

int main() {
    ::prctl(PR_SET_NAME, "reeve-scribe");  // executed by its descriptor it has a number for a name
    reeve::log::open("reeve-scribe", reeve::log::Level::Info);
    const reeve::Result<void> ended = reeve::scribe::run();
    if (ended) return EXIT_SUCCESS;
    reeve::log::error("reason=\"" + ended.error().message + "\"");
    return EXIT_FAILURE;
}
