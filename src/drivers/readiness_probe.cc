#include "drivers/readiness_probe.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <map>
#include <netinet/in.h>
#include <optional>
#include <vector>

#include "drivers/loop.h"
#include "os/fd.h"

namespace reeve::drivers {
namespace {

constexpr Duration kFirstPause = 5ms;
constexpr Duration kPauseMax = 100ms;

/// Whether something accepts on the port now. On the loopback interface the handshake is over when
/// connect(2) returns; a listener whose backlog is full is asked again later.
bool accepts(int family, const sockaddr* address, socklen_t size) {
    const os::UniqueFd socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return false;
    // It is closed in the ordinary way: a reset ends simple servers, or fills their logs.
    if (::connect(socket.get(), address, size) == 0) return true;
    if (errno != EINPROGRESS) return false;
    pollfd connected{socket.get(), POLLOUT, 0};
    int error = 0;
    socklen_t error_size = sizeof error;
    return ::poll(&connected, 1, 0) == 1 &&
           ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &error_size) == 0 && error == 0;
}

bool accepts_on(int port) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(static_cast<std::uint16_t>(port));
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (accepts(AF_INET, reinterpret_cast<const sockaddr*>(&v4), sizeof v4)) return true;
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = v4.sin_port;
    v6.sin6_addr = IN6ADDR_LOOPBACK_INIT;
    return accepts(AF_INET6, reinterpret_cast<const sockaddr*>(&v6), sizeof v6);
}

struct Probed {
    int port = 0;
    TimePoint try_at;
    Duration pause{};
};

}  // namespace

struct ReadinessProbe::State {
    std::function<void(std::uint64_t, int)> ready;
    std::map<std::uint64_t, Probed> probed;
    std::optional<Alarm> alarm;

    void try_due() {
        const TimePoint now = steady_now();
        std::vector<std::pair<std::uint64_t, int>> found;
        for (auto& [run, one] : probed) {
            if (one.try_at > now) continue;
            if (accepts_on(one.port)) found.emplace_back(run, one.port);
            one.pause = std::min(one.pause * 2, kPauseMax);
            one.try_at = now + one.pause;
        }
        for (const auto& [run, port] : found) {
            probed.erase(run);
            ready(run, port);
        }
        set_alarm();
    }

    void set_alarm() {
        Deadline next;
        for (const auto& [run, one] : probed)
            next = earliest(next, one.try_at);
        alarm->set(next);
    }
};

ReadinessProbe::ReadinessProbe(std::unique_ptr<State> state) : state_(std::move(state)) {}
ReadinessProbe::~ReadinessProbe() = default;
ReadinessProbe::ReadinessProbe(ReadinessProbe&&) noexcept = default;
ReadinessProbe& ReadinessProbe::operator=(ReadinessProbe&&) noexcept = default;

Result<ReadinessProbe> ReadinessProbe::create(event_base* loop,
                                              std::function<void(std::uint64_t, int)> ready) {
    auto state = std::make_unique<State>(State{std::move(ready), {}, {}});
    State* raw = state.get();
    state->alarm = TRY(Alarm::create(loop, [raw] { raw->try_due(); }));
    return ReadinessProbe(std::move(state));
}

void ReadinessProbe::watch(std::uint64_t run, int port) {
    state_->probed.try_emplace(run, Probed{port, steady_now() + kFirstPause, kFirstPause});
    state_->set_alarm();
}

void ReadinessProbe::forget(std::uint64_t run) {
    if (state_->probed.erase(run) != 0) state_->set_alarm();
}

}  // namespace reeve::drivers
