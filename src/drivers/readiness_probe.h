#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/result.h"

struct event_base;

namespace reeve::drivers {

/// Tries to connect to ports on the loopback interface until something accepts there. Nothing wakes
/// up while nothing is probed.
class ReadinessProbe {
public:
    /// `loop` must outlive the probe. `ready` is called from the loop, once for each probed run.
    static Result<ReadinessProbe> create(event_base* loop,
                                         std::function<void(std::uint64_t run, int port)> ready);
    ~ReadinessProbe();
    ReadinessProbe(ReadinessProbe&&) noexcept;
    ReadinessProbe& operator=(ReadinessProbe&&) noexcept;

    /// Begins to probe, or goes on if it does already.
    void watch(std::uint64_t run, int port);
    void forget(std::uint64_t run);

private:
    struct State;
    explicit ReadinessProbe(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace reeve::drivers
