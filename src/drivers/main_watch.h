#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "core/event.h"
#include "drivers/loop.h"
#include "drivers/main_finder.h"

namespace reeve::drivers {

/// What a MainWatch has seen; called from the loop.
struct MainNews {
    /// The answer to `look_for_heirs`, once.
    std::function<void(std::uint64_t run, std::vector<core::Heir> heirs)> heirs;
    /// The answer to `await`: once, or each time where the pid is looked up anew.
    std::function<void(std::uint64_t run, const core::ProcessId& process)> found;
    /// Has the run's pid command asked (PidCommands); the answer may come at once.
    std::function<void(std::uint64_t run, std::function<void(std::optional<pid_t>)> answer)> ask;
};

/// Looks again and again for the main process of runs, since the kernel tells nobody of a fork, of
/// a stop by SIGSTOP, or what a file is about. Nothing wakes up while nothing is looked for.
class MainWatch {
public:
    /// `loop` and `finder` must outlive the watch.
    static Result<MainWatch> create(event_base* loop, const MainFinder& finder, MainNews news);
    ~MainWatch();
    MainWatch(MainWatch&&) noexcept;
    MainWatch& operator=(MainWatch&&) noexcept;

    /// The main process has ended: who may be the next? None after kHeirPatience.
    void look_for_heirs(std::uint64_t run, TrackedRun tracked);

    /// As core::AwaitMain says.
    void await(std::uint64_t run, TrackedRun tracked);

    void forget(std::uint64_t run);

private:
    struct State;
    explicit MainWatch(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// How long the processes of a run may be on the move before they count as leftovers.
inline constexpr Duration kHeirPatience = 2s;

}  // namespace reeve::drivers
