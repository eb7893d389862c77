#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "link/scribe_protocol.h"
#include "os/fd.h"
#include "scribe/in_flight.h"
#include "scribe/line_stamper.h"
#include "scribe/log_file.h"
#include "scribe/loss.h"
#include "scribe/open_files.h"

namespace reeve::scribe {

/// What one read takes out of a pipe at most: all that a pipe of the usual size holds.
inline constexpr std::size_t kReadBytesMax = 64 * 1024;
/// What was read and waits to be written, with its stamps, at most.
inline constexpr std::size_t kOutputBytesMax = 192 * 1024;
/// Reads from one pipe before the others have their turn.
inline constexpr int kReadsPerTurn = 16;
/// How often writing is tried again while it fails.
inline constexpr Duration kWriteRetryPause = 200ms;

/// What all logs share, since only one is worked on at a time: so a log itself stays small.
struct Workbench {
    std::unique_ptr<char[]> input = std::make_unique_for_overwrite<char[]>(kReadBytesMax);
    OutputBuffer output{kOutputBytesMax};
    bool output_continues_line = false;  // at its front is no stamp
    Stamp stamp;
    OpenFiles open_files{kOpenFilesMax};
    InFlight in_flight;
    std::uint64_t bytes_read = 0;  // by all logs
};

/// One instance's log: what comes out of its pipe goes into its file, line by line.
///
/// When the file cannot be written, lines are dropped and counted, and writing is tried again every
/// kWriteRetryPause. Once it succeeds, a cut line is marked as such, a note tells what was lost,
/// and the log goes on with the next whole line.
class Log {
public:
    /// `bench` must outlive the log.
    Log(link::LogId id, link::LogSettings settings, os::UniqueFd pipe, Workbench& bench);
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    link::LogId id() const { return id_; }
    int pipe() const { return pipe_.get(); }
    /// Whether this is the pipe that the log reads already.
    bool reads(int pipe) const;
    void change_settings(link::LogSettings settings) { file_.change_settings(std::move(settings)); }

    /// Decides what becomes of an unfinished last line in the file. Call once, before `pump`. The
    /// file itself is opened by the next line: a thousand silent services cost no file.
    void begin(link::PipeAge age, WallTime now);

    /// Reads until the pipe is empty, but kReadsPerTurn times at most, and writes all of it.
    /// Drained: the pipe is empty as far as is known. Closed: it is no pipe that can be read, and
    /// need not be watched.
    enum class Pumped { Drained, More, Closed };
    Pumped pump(WallTime now);

    /// While lines are being lost: tries to write again, if it is time.
    void retry(WallTime now);
    bool losing() const { return losing_ != nullptr; }

    /// What reeved has not been told yet.
    bool has_report() const { return report_ != nullptr; }
    std::optional<link::Trouble> take_report();
    /// Tells again that lines are being lost, for a reeved that may not know.
    void report_again();

    /// The reeved that named this log; others are closed on AllLogsNamed.
    std::uint64_t named_on_link = 0;

private:
    /// While lines are being lost.
    struct Losing {
        Loss total;        // since it began
        Loss untold;       // not yet in a note
        std::string owed;  // to be written before anything else: a note, or the rest of one
        std::string reason;
        WallTime tried;
    };

    Pumped read_once(WallTime now);
    void take(std::string_view in, WallTime now);
    bool write_output(std::size_t bytes, WallTime now);
    void drop_written();
    void begin_loss(const std::string& reason, WallTime now);
    void say_interrupted(WallTime now);
    void look_at_last_line(WallTime now);
    LogFile::Written append(std::string_view bytes, WallTime now);
    bool try_recover(WallTime now);
    void end_loss();
    std::string note(const std::string& text, WallTime now);
    std::string_view stamp(WallTime now);

    link::LogId id_;
    os::UniqueFd pipe_;
    Workbench& bench_;
    LogFile file_;
    LineStamper stamper_;
    // What becomes of an unfinished last line, before the first write; empty: it was looked at.
    std::optional<link::PipeAge> pipe_age_;
    bool skip_line_ = false;          // what follows, up to a newline, belongs to a lost line
    std::unique_ptr<Losing> losing_;  // rare, and too large for every log
    std::unique_ptr<link::Trouble> report_;
};

}  // namespace reeve::scribe
