#include "daemon/rebuilds.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace reeve::daemon {
namespace {

/// From one rebuild to the next the pause grows by this much.
constexpr int kGrowth = 8;

}  // namespace

Result<std::unique_ptr<Rebuilds>> Rebuilds::create(event_base* loop, Begin begin) {
    std::unique_ptr<Rebuilds> rebuilds(new Rebuilds(std::move(begin)));
    rebuilds->alarm_ = std::make_unique<drivers::Alarm>(
        TRY(drivers::Alarm::create(loop, [raw = rebuilds.get()] { raw->look(); })));
    return rebuilds;
}

void Rebuilds::note_given_up(const std::string& app, const std::string& reason) {
    const TimePoint now = drivers::steady_now();
    Entry& entry = entries_[app];
    if (now - entry.latest > kRebuildsForgotten) entry.pause = Duration{};
    entry.latest = now;
    entry.reason = reason;
    if (entry.due || entry.running) return;
    entry.pause = std::clamp(entry.pause * kGrowth, kFirstRebuildPause, kLongestRebuildPause);
    entry.due = now + entry.pause;
    log::warning("app=" + app + " reason=\"" + reason + "; rebuilt in " + to_text(entry.pause) +
                 "\"");
    set_alarm();
}

void Rebuilds::forget(const std::string& app) {
    entries_.erase(app);
    set_alarm();
}

void Rebuilds::look() {
    const TimePoint now = drivers::steady_now();
    for (auto& [app, entry] : entries_) {
        if (!entry.due || *entry.due > now) continue;
        entry.due.reset();
        entry.running = true;
        begin_(app, entry.reason, [this, app = app](const Result<void>& result) {
            const auto found = entries_.find(app);
            if (found == entries_.end()) return;
            found->second.running = false;
            found->second.problem = result ? "" : result.error().message;
        });
    }
    set_alarm();
}

void Rebuilds::set_alarm() {
    Deadline next;
    for (const auto& [app, entry] : entries_) {
        if (entry.due && (!next || *entry.due < *next)) next = entry.due;
    }
    alarm_->set(next);
}

std::map<std::string, std::string> Rebuilds::notes() const {
    std::map<std::string, std::string> all;
    for (const auto& [app, entry] : entries_) {
        if (entry.due) {
            all[app] = entry.reason + "; the app will be rebuilt";
        } else if (!entry.problem.empty()) {
            all[app] = entry.reason + "; its rebuild failed: " + entry.problem;
        }
    }
    return all;
}

}  // namespace reeve::daemon
