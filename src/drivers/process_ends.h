#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "core/run.h"
#include "drivers/loop.h"

namespace reeve::drivers {

/// Tells which processes have ended. Their pidfds are in an epoll descriptor of its own, which the
/// loop watches: so a process that lives costs memory of the kernel's only.
class ProcessEnds {
public:
    /// Called from the loop, again and again until the process is watched no more.
    using Ended = std::function<void(core::RunId run)>;

    /// `loop` must outlive what is created.
    static Result<ProcessEnds> create(event_base* loop, Ended ended);
    ~ProcessEnds();
    ProcessEnds(ProcessEnds&&) noexcept;
    ProcessEnds& operator=(ProcessEnds&&) noexcept;

    struct State;
    /// Watches one process as long as it lives.
    class Watched {
    public:
        Watched() = default;
        ~Watched() { end(); }
        Watched(Watched&& other) noexcept;
        Watched& operator=(Watched&& other) noexcept;
        bool active() const { return state_ != nullptr; }

    private:
        friend class ProcessEnds;
        Watched(State* state, int pidfd) : state_(state), pidfd_(pidfd) {}
        void end();

        State* state_ = nullptr;
        int pidfd_ = -1;
    };

    /// The descriptor is borrowed: it must be closed after the Watched, and that end before this.
    /// Where the kernel has no memory for it, it is asked again until it has.
    [[nodiscard]] Watched watch(core::RunId run, int pidfd);

private:
    explicit ProcessEnds(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace reeve::drivers
