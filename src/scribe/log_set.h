#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "link/scribe_protocol.h"
#include "scribe/log.h"

namespace reeve::scribe {

/// Every log, and the watch over its pipe. What the epoll descriptor reports with a Log's address
/// is handed to `pump`; that address stays valid until `finish_closing`.
class LogSet {
public:
    /// `epoll` and `bench` must outlive the set.
    LogSet(int epoll, Workbench& bench) : epoll_(epoll), bench_(bench) {}

    /// Opens a log, or brings an open one to the new settings and pipe. `link` counts the reeveds.
    Result<void> open(link::OpenLog request, std::uint64_t link, WallTime now);

    /// Brings an open log to the new settings. False: it is not open.
    bool name(link::NamedLog named, std::uint64_t link);

    /// Closes a log at `finish_closing`. Unknown ones count as closed already.
    void close(link::LogId log) { closing_.push_back(log); }
    /// The same for all that were not named on this link.
    void close_unnamed(std::uint64_t link);
    /// Writes what is in the pipes of the closing logs, and forgets them. Returns their names.
    std::vector<link::LogId> finish_closing(WallTime now);

    /// Reads a pipe that has something.
    void pump(Log& log, WallTime now);
    /// Reads every pipe until it is empty.
    void pump_all(WallTime now);

    /// Tries to write again what cannot be written.
    void retry(WallTime now);
    bool any_losing() const { return !losing_.empty(); }

    /// Hands over what reeved has not been told yet.
    void take_reports(const std::function<void(link::Trouble)>& tell);

    std::size_t size() const { return logs_.size(); }

private:
    void drain(Log& log, WallTime now);
    Log::Pumped pump_for_a_turn(Log& log, WallTime now);
    void note_state_of(Log& log);
    void keep(Log& log, link::LogSettings settings, std::uint64_t link);
    void unwatch(const Log& log);

    int epoll_;
    Workbench& bench_;
    std::unordered_map<link::LogId, std::unique_ptr<Log>> logs_;
    std::vector<link::LogId> closing_;
    std::vector<link::LogId> losing_;             // logs that cannot write at present
    std::vector<link::LogId> reporting_;          // logs that may have something to tell
    std::vector<std::unique_ptr<Log>> replaced_;  // still named by events of this turn
};

}  // namespace reeve::scribe
