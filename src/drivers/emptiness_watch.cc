#include "drivers/emptiness_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/text.h"
#include "drivers/loop.h"

namespace reeve::drivers {
namespace {

/// Pauses between two looks at a run whose emptiness no file tells.
constexpr Duration kFirstPause = 5ms;
constexpr Duration kPauseMax = 200ms;
/// The kernel's word may come late (or, on some file systems, never): look from time to time.
constexpr Duration kPauseWithFile = 1s;

struct Watched {
    os::RunGroup group;
    pid_t main_pid = 0;
    TimePoint since;
    int inotify_watch = -1;  // -1: no file tells
    TimePoint look_at;
    Duration pause{};
};

}  // namespace

struct EmptinessWatch::State {
    const os::Containment& containment;
    std::function<void(std::uint64_t)> emptied;
    os::UniqueFd inotify;
    std::map<std::uint64_t, Watched> watched;
    Watch readable;
    std::optional<Alarm> alarm;

    /// The watches whose files changed. What an overflow of the queue swallows is seen at
    /// `look_at`.
    std::set<int> changed() const {
        std::set<int> watches;
        alignas(inotify_event) char events[4096];
        for (ssize_t size; (size = ::read(inotify.get(), events, sizeof events)) > 0;) {
            for (ssize_t at = 0; at < size;) {
                inotify_event event{};
                std::memcpy(&event, events + at, sizeof event);
                watches.insert(event.wd);
                at += static_cast<ssize_t>(sizeof event + event.len);
            }
        }
        return watches;
    }

    /// Looks at those whose files changed, and at those that are due.
    void look(const std::set<int>& told) {
        const TimePoint now = steady_now();
        std::vector<std::uint64_t> empty;
        for (auto& [run, one] : watched) {
            if (one.look_at > now && !told.contains(one.inotify_watch)) continue;
            if (containment.is_empty(one.group, to_hex(run), one.main_pid, one.since)) {
                empty.push_back(run);
                continue;
            }
            if (one.look_at > now) continue;
            one.pause =
                one.inotify_watch >= 0 ? kPauseWithFile : std::min(one.pause * 2, kPauseMax);
            one.look_at = now + one.pause;
        }
        for (const std::uint64_t run : empty) {
            forget(run);
            emptied(run);
        }
        set_alarm();
    }

    void forget(std::uint64_t run) {
        const auto found = watched.find(run);
        if (found == watched.end()) return;
        if (found->second.inotify_watch >= 0) {
            ::inotify_rm_watch(inotify.get(), found->second.inotify_watch);
        }
        watched.erase(found);
    }

    void set_alarm() {
        Deadline next;
        for (const auto& [run, one] : watched)
            next = earliest(next, one.look_at);
        alarm->set(next);
    }
};

EmptinessWatch::EmptinessWatch(std::unique_ptr<State> state) : state_(std::move(state)) {}
EmptinessWatch::~EmptinessWatch() = default;
EmptinessWatch::EmptinessWatch(EmptinessWatch&&) noexcept = default;
EmptinessWatch& EmptinessWatch::operator=(EmptinessWatch&&) noexcept = default;

Result<EmptinessWatch> EmptinessWatch::create(event_base* loop, const os::Containment& containment,
                                              std::function<void(std::uint64_t)> emptied) {
    auto state = std::make_unique<State>(State{containment, std::move(emptied), {}, {}, {}, {}});
    state->inotify.reset(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!state->inotify) return system_error("create an inotify instance");
    State* raw = state.get();
    state->alarm = TRY(Alarm::create(loop, [raw] { raw->look({}); }));
    state->readable = Watch(loop, state->inotify.get(), Watch::For::Reading,
                            [raw] { raw->look(raw->changed()); });
    return EmptinessWatch(std::move(state));
}

void EmptinessWatch::watch(std::uint64_t run, const os::RunGroup& group, pid_t main_pid) {
    const TimePoint now = steady_now();
    Watched one{group, main_pid, now, -1, now, kFirstPause};
    const std::string file = state_->containment.events_file(group);
    if (!file.empty()) {
        one.inotify_watch = ::inotify_add_watch(state_->inotify.get(), file.c_str(), IN_MODIFY);
    }
    state_->watched.insert_or_assign(run, std::move(one));
    state_->set_alarm();
}

void EmptinessWatch::forget(std::uint64_t run) {
    if (state_->watched.empty()) return;
    state_->forget(run);
    state_->set_alarm();
}

}  // namespace reeve::drivers
