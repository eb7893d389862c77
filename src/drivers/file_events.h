#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "base/result.h"
#include "drivers/loop.h"
#include "spec/named_event.h"

namespace reeve::drivers {

/// Most paths that are watched at one time; more are left out, and said so.
inline constexpr std::size_t kWatchedFilesMax = 1000;

/// Follows files through inotify(7), for jobs that wait for `file FILE= EVENT= [MATCH=]`: a path, a
/// directory (with a `/` at its end), or a pattern in the last part of a path.
/// Source: upstart-file-bridge(8), file-event(7).
class FileEvents {
public:
    /// Whether a change of a file's permissions is told, too: `EVENT=attribute`.
    enum class Permissions { Untold, Told };

    /// `loop` must outlive it. `sink` is called from the loop.
    static Result<FileEvents> create(event_base* loop, Permissions permissions,
                                     std::function<void(spec::NamedEvent)> sink);
    ~FileEvents();
    FileEvents(FileEvents&&) noexcept;
    FileEvents& operator=(FileEvents&&) noexcept;

    /// What a file that is there before it is watched counts as.
    enum class Present { Created, Known };

    /// Watches these from now on, and no others; `present` is about those that are new to it. Where
    /// a path has no directory yet, the nearest one above is watched until it has.
    void watch(const std::set<std::string>& files, Present present);

private:
    struct State;
    explicit FileEvents(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace reeve::drivers
