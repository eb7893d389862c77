#include "drivers/process_ends.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/log.h"

namespace reeve::drivers {
namespace {

/// How long after the kernel had no memory to watch a process it is asked again.
constexpr Duration kRetryPause = 100ms;
/// Ends told of at once, before the loop looks at other things.
constexpr std::size_t kEndsPerTurn = 256;

}  // namespace

struct ProcessEnds::State {
    struct Unwatched {
        core::RunId run = 0;
        int pidfd = -1;
    };
    Ended ended;
    os::UniqueFd epoll;
    std::vector<Unwatched> unwatched;  // since the kernel had no memory
    Watch readable;
    std::optional<Alarm> retry_alarm;

    bool add(core::RunId run, int pidfd) const {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = run;
        return ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, pidfd, &event) == 0;
    }

    void retry() {
        std::erase_if(unwatched, [this](const Unwatched& one) { return add(one.run, one.pidfd); });
        if (!unwatched.empty()) retry_alarm->set(steady_now() + kRetryPause);
    }

    void tell() const {
        std::array<epoll_event, kEndsPerTurn> events;
        const int count = ::epoll_wait(epoll.get(), events.data(), kEndsPerTurn, 0);
        for (int i = 0; i < count; ++i)
            ended(events[static_cast<std::size_t>(i)].data.u64);
    }
};

ProcessEnds::ProcessEnds(std::unique_ptr<State> state) : state_(std::move(state)) {}
ProcessEnds::~ProcessEnds() = default;
ProcessEnds::ProcessEnds(ProcessEnds&&) noexcept = default;
ProcessEnds& ProcessEnds::operator=(ProcessEnds&&) noexcept = default;

Result<ProcessEnds> ProcessEnds::create(event_base* loop, Ended ended) {
    auto state = std::make_unique<State>();
    State* raw = state.get();
    state->ended = std::move(ended);
    state->epoll.reset(::epoll_create1(EPOLL_CLOEXEC));
    if (!state->epoll) return system_error("create an epoll descriptor");
    state->retry_alarm = TRY(Alarm::create(loop, [raw] { raw->retry(); }));
    state->readable = Watch(loop, raw->epoll.get(), Watch::For::Reading, [raw] { raw->tell(); });
    return ProcessEnds(std::move(state));
}

ProcessEnds::Watched ProcessEnds::watch(core::RunId run, int pidfd) {
    if (!state_->add(run, pidfd)) {
        log::warning("reason=\"" + system_error("watch a process").message + "; tried again\"");
        state_->unwatched.push_back({run, pidfd});
        state_->retry_alarm->set(steady_now() + kRetryPause);
    }
    return Watched(state_.get(), pidfd);
}

ProcessEnds::Watched::Watched(Watched&& other) noexcept
    : state_(std::exchange(other.state_, nullptr)), pidfd_(other.pidfd_) {}

ProcessEnds::Watched& ProcessEnds::Watched::operator=(Watched&& other) noexcept {
    if (this == &other) return *this;
    end();
    state_ = std::exchange(other.state_, nullptr);
    pidfd_ = other.pidfd_;
    return *this;
}

void ProcessEnds::Watched::end() {
    if (state_ == nullptr) return;
    ::epoll_ctl(state_->epoll.get(), EPOLL_CTL_DEL, pidfd_, nullptr);
    std::erase_if(state_->unwatched, [this](const auto& one) { return one.pidfd == pidfd_; });
    state_ = nullptr;
}

}  // namespace reeve::drivers
