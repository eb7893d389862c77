#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "drivers/loop.h"
#include "spec/named_event.h"
#include "status/transition.h"

namespace reeve::daemon {

/// Lines of its log that the notice of a crash loop brings.
inline constexpr std::size_t kNoticeLinesMax = 20;
/// And bytes: what the ledger keeps of a text, but for the first line.
inline constexpr std::size_t kNoticeBytesMax = 1800;

/// The last lines of a regular file, oldest first; none where it cannot be read.
std::vector<std::string> last_lines(const std::string& path);

/// What followers of events, `why` and the ledger are told of a crash loop, besides the transition
/// that it began with: the end of the log, a line each, below the first line of the reason.
status::Transition notice_of(const status::Transition& begun,
                             const std::vector<std::string>& lines);

/// The same as an event that jobs may start on: `start on crash-looping APP=shop`.
spec::NamedEvent event_of(const status::Transition& notice);

/// Tells once of each crash loop, when the scribe has had the time to write what the process said
/// last. A daemon that is replaced in between tells nothing more than the transition.
class CrashNotices {
public:
    struct Parts {
        event_base* loop = nullptr;
        std::function<std::string(const spec::InstanceName&)> log_of;  // the path
        std::function<void(status::Transition)> tell;
    };
    static Result<std::unique_ptr<CrashNotices>> create(Parts parts);

    /// The transition has happened just now.
    void note(const status::Transition& transition);

private:
    explicit CrashNotices(Parts parts) : parts_(std::move(parts)) {}
    void tell_all();

    Parts parts_;
    std::vector<status::Transition> waiting_;
    std::unique_ptr<drivers::Alarm> alarm_;
};

}  // namespace reeve::daemon
