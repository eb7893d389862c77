#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/time.h"
#include "link/channel.h"
#include "link/scribe_protocol.h"
#include "os/fd.h"
#include "scribe/archive.h"
#include "scribe/log_set.h"

namespace reeve::scribe {

/// Messages of reeved that are taken in one turn.
inline constexpr int kMessagesPerTurn = 256;

/// A program that writes many short lines would cost a wake-up, a read and a write for each. Where
/// one turn with logs follows the last one this closely, and found little, the next one comes after
/// a pause in which the pipes gather more. It is short enough that no pipe fills meanwhile.
inline constexpr Duration kBusyWithin = 1ms;
inline constexpr Duration kGatherPause = 150us;
inline constexpr std::uint64_t kLittlePerLog = 16 * 1024;

/// Writes: the one process of reeve that touches a disk which may block. One thread, one loop, no
/// wake-up while there is nothing to do.
///
/// The keeper's control link brings links to reeved, one after the other; what is read from pipes
/// and what was asked for is written whether or not a reeved is there.
class Scribe {
public:
    struct Settings {
        std::string state_dir;          // for intent.db, ledger.db and the reserve
        std::string in_flight_path;     // empty: nothing is noted for a later scribe
        WallTime (*clock)() = nullptr;  // the time of day
    };

    /// `control` is the keeper's link; `end_signals`, if any, becomes readable when the scribe
    /// should end.
    static Result<std::unique_ptr<Scribe>> create(const Settings& settings, os::UniqueFd control,
                                                  os::UniqueFd end_signals);

    /// Waits until there is something to do, at most `wait`, and does it. False: the end was asked
    /// for, or the keeper has gone and reeved with it; everything that there was is written.
    bool turn(Duration wait);

    /// Turns until the end.
    void run();

private:
    Scribe(const Settings& settings, os::UniqueFd epoll, os::UniqueFd control,
           os::UniqueFd end_signals);

    Result<void> watch(int fd, std::uint64_t name, bool for_writing, int operation);
    int wait_milliseconds(Duration wait) const;
    void read_control();
    void let_keeper_go();
    void replace_link(os::UniqueFd fd);
    void read_link(int messages_max);
    void handle(link::OpenLog& request);
    void handle(link::NameLogs& request);
    void handle(const link::CloseLog& request);
    void handle(const link::AllLogsNamed& request);
    void handle(const link::ScribeHello& hello);
    void handle(const link::UnknownMessage& unknown);
    void handle(link::PutIntent& request) { archive_.take(std::move(request)); }
    void handle(link::EraseIntent& request) { archive_.take(std::move(request)); }
    void handle(link::LoadIntent& request) { archive_.take(request); }
    void handle(link::AppendLedger& request) { archive_.take(std::move(request)); }
    void handle(link::QueryLedger& request) { archive_.take(std::move(request)); }
    void send(const link::ScribeReply& reply);
    void flush_link();
    void close_link();
    void update_link_watch();
    bool wants_tidying() const;
    void count_message();
    void tidy_memory();
    void gather(int logs_read, std::uint64_t bytes);
    void finish();

    WallTime (*clock_)();
    os::UniqueFd epoll_;
    link::Channel control_;
    os::UniqueFd end_signals_;
    link::Channel link_;
    std::uint64_t link_number_ = 0;
    bool link_watched_for_writing_ = false;
    bool end_asked_ = false;
    WallTime logs_read_at_;        // the last turn that read logs
    int messages_since_tidy_ = 0;  // up to kMessagesPerTidy
    WallTime crowd_at_;            // when it was reached
    bool peer_stuck_ = false;      // reeved does not read: only a new start on both sides helps
    Workbench bench_;
    LogSet logs_;
    Archive archive_;
};

}  // namespace reeve::scribe
