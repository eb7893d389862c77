#include "drivers/main_watch.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace reeve::drivers {
namespace {

constexpr Duration kFirstPause = 5ms;
constexpr Duration kPauseMax = 100ms;
/// Between two questions to a command.
constexpr Duration kCommandPause = 250ms;
/// How often in a row nobody must be seen where the kernel does not say that nobody is left.
constexpr int kEmptyLooks = 4;
/// A pid that is looked up while its process lives: as often as Bluepill does.
constexpr Duration kLookAgainPause = 1s;

bool looks_again(const spec::TrackingSpec& tracking) {
    const auto* file = std::get_if<spec::TrackPidFile>(&tracking);
    return file != nullptr && file->look_again;
}

}  // namespace

struct MainWatch::State {
    struct Watched {
        TrackedRun run;
        TimePoint look_at;
        Duration pause{};
        Deadline heirs_until;  // set: it is the heirs that are looked for
        int empty_looks = 0;   // in a row
        bool asking = false;   // its pid command
    };

    const MainFinder& finder;
    MainNews news;
    std::map<std::uint64_t, Watched> watched;
    std::optional<Alarm> alarm;

    /// Looks at all whose time has come. They are few: only runs that are just changing hands.
    void look() {
        const TimePoint now = steady_now();
        std::vector<std::uint64_t> due;
        for (auto& [run, one] : watched) {
            if (one.look_at > now) continue;
            const bool asks = MainFinder::asks_command(*one.run.tracking);
            one.look_at = now + (asks ? std::max(one.pause, kCommandPause) : one.pause);
            one.pause = std::min(one.pause * 2, std::max(one.pause, kPauseMax));
            due.push_back(run);
        }
        for (const std::uint64_t run : due)
            look_at_one(run);
        set_alarm();
    }

    void look_at_one(std::uint64_t run) {
        const auto found = watched.find(run);
        if (found == watched.end()) return;
        if (!MainFinder::asks_command(*found->second.run.tracking)) return judge(run);
        if (std::exchange(found->second.asking, true)) return;
        news.ask(run, [this, run](std::optional<pid_t> pid) {
            const auto asked = watched.find(run);
            if (asked == watched.end()) return;
            asked->second.asking = false;
            asked->second.run.told = pid;
            judge(run);
            set_alarm();
        });
    }

    void judge(std::uint64_t run) {
        const auto found = watched.find(run);
        if (found == watched.end()) return;
        if (found->second.heirs_until) {
            look_for_heirs(run, found->second, steady_now());
        } else {
            look_for_main(run, found->second);
        }
    }

    void look_for_heirs(std::uint64_t run, Watched& one, TimePoint now) {
        MainFinder::Heirs seen = finder.heirs(one.run);
        if (!seen.certain && now < *one.heirs_until) return;
        const bool nobody = seen.certain && seen.heirs.empty();
        one.empty_looks = nobody ? one.empty_looks + 1 : 0;
        if (nobody && one.empty_looks < kEmptyLooks && !finder.knows_emptiness(one.run)) return;
        watched.erase(run);
        news.heirs(run, std::move(seen.heirs));
    }

    void look_for_main(std::uint64_t run, Watched& one) {
        const bool stops = std::holds_alternative<spec::TrackStops>(*one.run.tracking);
        std::optional<core::ProcessId> process;
        if (stops && MainFinder::is_stopped(one.run.main)) process = one.run.main;
        if (!stops) process = finder.named(one.run);
        if (!process) return;
        if (looks_again(*one.run.tracking)) {
            one.run.main = *process;
        } else {
            watched.erase(run);
        }
        news.found(run, *process);
    }

    void set_alarm() {
        Deadline next;
        for (const auto& [run, one] : watched)
            next = earliest(next, one.look_at);
        alarm->set(next);
    }
};

MainWatch::MainWatch(std::unique_ptr<State> state) : state_(std::move(state)) {}
MainWatch::~MainWatch() = default;
MainWatch::MainWatch(MainWatch&&) noexcept = default;
MainWatch& MainWatch::operator=(MainWatch&&) noexcept = default;

Result<MainWatch> MainWatch::create(event_base* loop, const MainFinder& finder, MainNews news) {
    auto state = std::make_unique<State>(State{finder, std::move(news), {}, {}});
    State* raw = state.get();
    state->alarm = TRY(Alarm::create(loop, [raw] { raw->look(); }));
    return MainWatch(std::move(state));
}

void MainWatch::look_for_heirs(std::uint64_t run, TrackedRun tracked) {
    const TimePoint now = steady_now();
    state_->watched.insert_or_assign(
        run, State::Watched{std::move(tracked), now, kFirstPause, now + kHeirPatience, 0, false});
    state_->set_alarm();
}

void MainWatch::await(std::uint64_t run, TrackedRun tracked) {
    const bool lives = looks_again(*tracked.tracking) && MainFinder::is_living(tracked.main);
    const Duration pause = lives ? kLookAgainPause : kFirstPause;
    state_->watched.insert_or_assign(
        run, State::Watched{std::move(tracked), steady_now(), pause, std::nullopt, 0, false});
    state_->set_alarm();
}

void MainWatch::forget(std::uint64_t run) {
    state_->watched.erase(run);
    state_->set_alarm();
}

}  // namespace reeve::drivers
