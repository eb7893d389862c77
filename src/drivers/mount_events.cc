#include "drivers/mount_events.h"

#include <fcntl.h>
#include <sys/epoll.h>

#include <set>
#include <string>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "drivers/boot_events.h"
#include "os/fd.h"

namespace reeve::drivers {
namespace {

constexpr const char* kPath = "/proc/self/mountinfo";
constexpr std::size_t kMountinfoBytesMax = std::size_t{4} << 20;

/// What makes a mount: its number, where, and what. Numbers are used again, options change.
std::string identity_of(std::string_view line) {
    const std::vector<std::string_view> fields = words(line);
    if (fields.size() < 5) return "";
    const std::size_t dash = line.find(" - ");
    const std::string_view source = dash == std::string_view::npos ? "" : line.substr(dash);
    return std::string(fields[0]) + ' ' + std::string(fields[4]) +
           std::string(source.substr(0, source.rfind(' ')));
}

}  // namespace

std::vector<spec::NamedEvent> new_mounts(std::string_view before, std::string_view now) {
    std::set<std::string> known;
    for (const std::string_view line : split(before, '\n'))
        known.insert(identity_of(line));
    std::string fresh;
    for (const std::string_view line : split(now, '\n')) {
        if (!known.contains(identity_of(line))) fresh += std::string(line) + '\n';
    }
    return mounted_events(fresh);
}

struct MountEvents::State {
    os::UniqueFd file;   // whose POLLPRI says that something has changed
    os::UniqueFd epoll;  // libevent does not know of POLLPRI
    std::string text;
    std::function<void(spec::NamedEvent)> sink;
    Watch watch;  // destroyed before the descriptors

    void changed();
};

void MountEvents::State::changed() {
    // Looking at a mountinfo file makes it forget that it has changed, and the loop has looked:
    // this only makes the epoll quiet again.
    epoll_event event{};
    (void)::epoll_wait(epoll.get(), &event, 1, 0);
    Result<std::string> now = os::read_file(kPath, kMountinfoBytesMax);
    if (!now) return log::warning("reason=\"no news of mounts: " + now.error().message + "\"");
    const std::string before = std::exchange(text, std::move(*now));
    for (spec::NamedEvent& mounted : new_mounts(before, text))
        sink(std::move(mounted));
}

Result<MountEvents> MountEvents::create(event_base* loop,
                                        std::function<void(spec::NamedEvent)> sink) {
    auto state = std::make_unique<State>();
    state->sink = std::move(sink);
    state->file = TRY(os::open_file(kPath, O_RDONLY));
    state->epoll.reset(::epoll_create1(EPOLL_CLOEXEC));
    if (!state->epoll) return system_error("watch mounts");
    epoll_event wanted{};
    wanted.events = EPOLLPRI;
    if (::epoll_ctl(state->epoll.get(), EPOLL_CTL_ADD, state->file.get(), &wanted) != 0)
        return system_error("watch " + std::string(kPath));
    state->text = TRY(os::read_file(kPath, kMountinfoBytesMax));
    State* raw = state.get();
    state->watch = Watch(loop, state->epoll.get(), Watch::For::Reading, [raw] { raw->changed(); });
    return MountEvents(std::move(state));
}

std::vector<spec::NamedEvent> MountEvents::initial() const {
    return mounted_events(state_->text);
}

MountEvents::MountEvents(std::unique_ptr<State> state) : state_(std::move(state)) {}
MountEvents::~MountEvents() = default;
MountEvents::MountEvents(MountEvents&&) noexcept = default;
MountEvents& MountEvents::operator=(MountEvents&&) noexcept = default;

}  // namespace reeve::drivers
