#include "scribe/log_set.h"

#include <fcntl.h>
#include <sys/epoll.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace reeve::scribe {
namespace {

/// Together more than a pipe may hold that an administrator has made large (pipe-max-size, 1 MiB
/// as a rule).
constexpr int kTurnsPerDrain = 64;

}  // namespace

Result<void> LogSet::open(link::OpenLog request, std::uint64_t link, WallTime now) {
    const int flags = ::fcntl(request.pipe.get(), F_GETFL);
    if (flags < 0 || (flags & O_NONBLOCK) == 0) {
        return Error{"the pipe of " + request.settings.path + " would block"};
    }
    if (request.settings.path.empty() || request.settings.path.front() != '/') {
        return Error{"\"" + request.settings.path + "\" is no absolute path of a log"};
    }
    std::unique_ptr<Log>& log = logs_[request.log];
    if (log && log->reads(request.pipe.get())) {
        keep(*log, std::move(request.settings), link);
        return {};
    }
    if (log) {
        drain(*log, now);
        unwatch(*log);
        replaced_.push_back(std::move(log));
    }
    log = std::make_unique<Log>(request.log, std::move(request.settings), std::move(request.pipe),
                                bench_);
    log->named_on_link = link;
    log->begin(request.age, now);
    note_state_of(*log);
    epoll_event watch{};
    watch.events = EPOLLIN;
    watch.data.ptr = log.get();
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, log->pipe(), &watch) != 0) {
        return system_error("watch the pipe of a log");
    }
    return {};
}

bool LogSet::name(link::NamedLog named, std::uint64_t link) {
    const auto found = logs_.find(named.log);
    if (found == logs_.end()) return false;
    keep(*found->second, std::move(named.settings), link);
    return true;
}

void LogSet::keep(Log& log, link::LogSettings settings, std::uint64_t link) {
    log.change_settings(std::move(settings));
    log.named_on_link = link;
    log.report_again();
    note_state_of(log);
}

void LogSet::close_unnamed(std::uint64_t link) {
    for (const auto& [id, log] : logs_) {
        if (log->named_on_link != link) closing_.push_back(id);
    }
}

std::vector<link::LogId> LogSet::finish_closing(WallTime now) {
    replaced_.clear();
    std::vector<link::LogId> closed = std::exchange(closing_, {});
    for (const link::LogId id : closed) {
        const auto found = logs_.find(id);
        if (found == logs_.end()) continue;
        drain(*found->second, now);
        unwatch(*found->second);
        std::erase(losing_, id);
        logs_.erase(found);
    }
    return closed;
}

Log::Pumped LogSet::pump_for_a_turn(Log& log, WallTime now) {
    const Log::Pumped pumped = log.pump(now);
    note_state_of(log);
    return pumped;
}

void LogSet::note_state_of(Log& log) {
    if (!log.has_report()) return;
    reporting_.push_back(log.id());
    const auto found = std::find(losing_.begin(), losing_.end(), log.id());
    if (log.losing() && found == losing_.end()) losing_.push_back(log.id());
    if (!log.losing() && found != losing_.end()) losing_.erase(found);
}

void LogSet::pump(Log& log, WallTime now) {
    const Log::Pumped pumped = pump_for_a_turn(log, now);
    if (pumped != Log::Pumped::Closed) return;
    log::warning("log=" + to_hex(log.id()) + " reason=\"its pipe cannot be read\"");
    unwatch(log);
}

/// Closing is not enough: the keeper has the same open pipe, so the watch would outlive the log.
void LogSet::unwatch(const Log& log) {
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, log.pipe(), nullptr);
}

void LogSet::pump_all(WallTime now) {
    for (const auto& [id, log] : logs_)
        drain(*log, now);
}

/// To the last byte, though who writes without end has an end here.
void LogSet::drain(Log& log, WallTime now) {
    for (int turn = 0; turn < kTurnsPerDrain; ++turn)
        if (pump_for_a_turn(log, now) != Log::Pumped::More) return;
}

void LogSet::retry(WallTime now) {
    const std::vector<link::LogId> losing = losing_;
    for (const link::LogId id : losing) {
        Log& log = *logs_.at(id);
        log.retry(now);
        note_state_of(log);
    }
}

void LogSet::take_reports(const std::function<void(link::Trouble)>& tell) {
    for (const link::LogId id : std::exchange(reporting_, {})) {
        const auto found = logs_.find(id);
        if (found == logs_.end()) continue;
        std::optional<link::Trouble> report = found->second->take_report();
        if (report) tell(std::move(*report));
    }
}

}  // namespace reeve::scribe
