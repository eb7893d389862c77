#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "base/time.h"
#include "core/event.h"
#include "os/clock.h"
#include "os/fd.h"

struct event;
struct event_base;

namespace reeve::drivers {

/// Where drivers put what they learned; the daemon hands it to the core at its next turn.
using EventSink = std::function<void(core::Event)>;

/// Calls back when a descriptor is ready, as long as it lives. The descriptor is borrowed, and must
/// be closed after the Watch only. Where the kernel has no memory for it, it is asked again until
/// it has.
class Watch {
public:
    enum class For { Reading, Writing };

    Watch();
    /// `loop` must outlive the watch. `ready` may destroy it.
    Watch(event_base* loop, int fd, For what, std::function<void()> ready);
    ~Watch();
    Watch(Watch&&) noexcept;
    Watch& operator=(Watch&&) noexcept;

    bool active() const { return state_ != nullptr; }

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// A clock's one-shot alarm on CLOCK_BOOTTIME.
class Alarm {
public:
    /// `loop` must outlive the alarm. `rung` is called each time a set deadline has passed.
    static Result<Alarm> create(event_base* loop, std::function<void()> rung);

    /// Rings at `deadline` (at once if that has passed), instead of at what was set before;
    /// nullopt: not at all. Cheap when nothing changes.
    void set(Deadline deadline);

private:
    os::UniqueFd timer_;
    Watch watch_;
    std::unique_ptr<Deadline> armed_;  // its address is known to the callback
};

using os::steady_now;  // for the daemon's loop, which hands the time down

/// CLOCK_REALTIME.
WallTime wall_now();

}  // namespace reeve::drivers
