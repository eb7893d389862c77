#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "drivers/loop.h"
#include "spec/named_event.h"

namespace reeve::drivers {

/// Those of a mountinfo text (proc(5)) that an earlier one does not have, as `mounted` events in
/// their order. Other options alone make no new mount.
std::vector<spec::NamedEvent> new_mounts(std::string_view before, std::string_view now);

/// Follows what is mounted, from its creation on.
class MountEvents {
public:
    /// `loop` must outlive it. `sink` is called from the loop, once for each new mount.
    static Result<MountEvents> create(event_base* loop, std::function<void(spec::NamedEvent)> sink);
    ~MountEvents();
    MountEvents(MountEvents&&) noexcept;
    MountEvents& operator=(MountEvents&&) noexcept;

    /// What was mounted at the creation.
    std::vector<spec::NamedEvent> initial() const;

private:
    struct State;
    explicit MountEvents(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace reeve::drivers
