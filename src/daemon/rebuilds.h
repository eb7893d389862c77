#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "drivers/loop.h"

namespace reeve::daemon {

/// What Dokku's event listener does: an app of which a process was restarted as often as its policy
/// allows is rebuilt. Unlike there, pauses grow from one rebuild to the next, so that an app which
/// is broken for good is not built without end, and any process counts, not `web` alone.
/// Source: dokku-event-listener.
class Rebuilds {
public:
    /// Begins a rebuild. `ended` is called once, with why it failed.
    using Begin = std::function<void(const std::string& app, const std::string& reason,
                                     std::function<void(const Result<void>&)> ended)>;

    static Result<std::unique_ptr<Rebuilds>> create(event_base* loop, Begin begin);

    /// A process of the app has been given up: `web.1: gave up after 10 restarts`.
    void note_given_up(const std::string& app, const std::string& reason);

    /// The app is no more, or was deployed by somebody.
    void forget(const std::string& app);

    /// One line for each app that waits for its rebuild, or whose last one failed.
    std::map<std::string, std::string> notes() const;

private:
    struct Entry {
        Duration pause{};  // before the next rebuild
        Deadline due;      // nullopt: none is due
        TimePoint latest;  // when the app was given up last
        bool running = false;
        std::string reason;
        std::string problem;  // of the last rebuild
    };
    explicit Rebuilds(Begin begin) : begin_(std::move(begin)) {}
    void look();
    void set_alarm();

    Begin begin_;
    std::unique_ptr<drivers::Alarm> alarm_;
    std::map<std::string, Entry> entries_;  // by app
};

/// The pause before the first rebuild, the longest one, and after how long without trouble all is
/// forgotten.
inline constexpr Duration kFirstRebuildPause = 1s;
inline constexpr Duration kLongestRebuildPause = 1h;
inline constexpr Duration kRebuildsForgotten = 6h;

}  // namespace reeve::daemon
