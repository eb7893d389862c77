#include "drivers/loop.h"

#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <event2/event.h>
#include <utility>

#include "base/check.h"
#include "base/log.h"

namespace reeve::drivers {
namespace {

/// How long after the kernel had no memory to watch a descriptor it is asked again.
constexpr timeval kWatchRetryPause{0, 100'000};

}  // namespace

struct Watch::State {
    std::function<void()> ready;
    event* handle = nullptr;
    event* retry = nullptr;  // since the kernel had no memory

    void begin() {
        if (::event_add(handle, nullptr) == 0) return;
        if (retry == nullptr) {
            log::warning("reason=\"" + system_error("watch a descriptor").message +
                         "; tried again\"");
            retry = ::event_new(
                ::event_get_base(handle), -1, 0,
                [](evutil_socket_t, short, void* self) { static_cast<State*>(self)->begin(); },
                this);
            CHECK(retry != nullptr);
        }
        ::event_add(retry, &kWatchRetryPause);
    }

    ~State() {
        if (retry != nullptr) ::event_free(retry);
        if (handle != nullptr) ::event_free(handle);
    }
};

Watch::Watch(event_base* loop, int fd, For what, std::function<void()> ready)
    : state_(std::make_unique<State>()) {
    state_->ready = std::move(ready);
    const short interest =
        static_cast<short>((what == For::Reading ? EV_READ : EV_WRITE) | EV_PERSIST);
    state_->handle = ::event_new(
        loop, fd, interest,
        [](evutil_socket_t, short, void* state) {
            // A copy: the call may destroy the watch.
            const std::function<void()> call = static_cast<State*>(state)->ready;
            call();
        },
        state_.get());
    CHECK(state_->handle != nullptr);
    state_->begin();
}

Watch::Watch() = default;
Watch::~Watch() = default;
Watch::Watch(Watch&&) noexcept = default;
Watch& Watch::operator=(Watch&&) noexcept = default;

Result<Alarm> Alarm::create(event_base* loop, std::function<void()> rung) {
    Alarm alarm;
    alarm.timer_.reset(::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK));
    if (!alarm.timer_) return system_error("create a timer");
    alarm.armed_ = std::make_unique<Deadline>();
    alarm.watch_ =
        Watch(loop, alarm.timer_.get(), Watch::For::Reading,
              [fd = alarm.timer_.get(), armed = alarm.armed_.get(), rung = std::move(rung)] {
                  std::uint64_t times = 0;
                  if (::read(fd, &times, sizeof times) < 0) return;
                  armed->reset();
                  rung();
              });
    return alarm;
}

void Alarm::set(Deadline deadline) {
    if (*armed_ == deadline) return;
    *armed_ = deadline;
    itimerspec setting{};
    if (deadline) {
        // A zero time would disarm the timer.
        const auto since = std::max<Duration>(deadline->time_since_epoch(), 1ns);
        const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
        setting.it_value.tv_sec = static_cast<time_t>(seconds.count());
        setting.it_value.tv_nsec = static_cast<long>((since - seconds).count());
    }
    ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &setting, nullptr);
}

WallTime wall_now() {
    timespec time{};
    ::clock_gettime(CLOCK_REALTIME, &time);
    return {static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec};
}

}  // namespace reeve::drivers
