#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>

#include "base/result.h"
#include "os/containment.h"

struct event_base;

namespace reeve::drivers {

/// Tells when a run has no process left: by the kernel's word where a cgroup gives it, else by
/// looking again. Nothing wakes up while nothing is watched.
class EmptinessWatch {
public:
    /// `loop` and `containment` must outlive the watch. `emptied` is called from the loop, once for
    /// each run that was watched.
    static Result<EmptinessWatch> create(event_base* loop, const os::Containment& containment,
                                         std::function<void(std::uint64_t run)> emptied);
    ~EmptinessWatch();
    EmptinessWatch(EmptinessWatch&&) noexcept;
    EmptinessWatch& operator=(EmptinessWatch&&) noexcept;

    /// Begins to watch; what is empty already is told of from the loop, too.
    void watch(std::uint64_t run, const os::RunGroup& group, pid_t main_pid);

    void forget(std::uint64_t run);

private:
    struct State;
    explicit EmptinessWatch(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace reeve::drivers
