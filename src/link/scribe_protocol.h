#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "link/channel.h"
#include "os/fd.h"

// The messages between reeved and the scribe. The scribe writes: it knows no service and no policy.
// reeved asks (ScribeRequest), the scribe answers and reports (ScribeReply), each in its own time.
// Readers ignore what follows the fields they know, and whole messages they do not know, so that a
// neighbour of another version is understood. Numbers of types never change their meaning.
namespace reeve::link {

/// Grows when a message changes its meaning, or one comes that has to be understood; a reeved and a
/// scribe one version apart must work. 1: the first. 2: NameLogs.
inline constexpr std::uint32_t kScribeProtocolVersion = 2;

/// From this version on a scribe understands NameLogs.
inline constexpr std::uint32_t kNameLogsSince = 2;
/// Logs in one NameLogs.
inline constexpr std::size_t kLogsNamedAtOnce = 256;

/// Rotation when nothing else was said.
inline constexpr std::uint64_t kLogFileBytes = 10ULL * 1024 * 1024;
inline constexpr std::uint32_t kLogFilesKept = 5;
/// Most rows that one ledger query returns, and most transitions in one AppendLedger.
inline constexpr std::uint32_t kLedgerRowsMax = 10'000;

/// Chosen by reeved, and the same for one pipe over all of its reeveds and scribes.
using LogId = std::uint64_t;

/// What a line looks like in its file.
enum class LogFormat : std::uint32_t {
    Stamped = 0,  // `2026-11-20T12:17:24.123456Z text`
    Plain = 1     // `text`
};

/// Whether the pipe may have carried an earlier part of the file's last line.
enum class PipeAge : std::uint32_t {
    Fresh = 0,     // an unfinished last line is somebody else's: it is ended
    Continued = 1  // an unfinished last line goes on
};

/// Where and how one log is kept.
struct LogSettings {
    std::string path;  // absolute; its directories are created
    LogFormat format = LogFormat::Stamped;
    std::uint64_t rotate_bytes = kLogFileBytes;  // a file that would grow beyond is set aside
    std::uint32_t files_kept = kLogFilesKept;  // set-aside ones included: PATH, PATH.1, PATH.2 …
    std::int64_t owner_uid = -1;               // of files and new directories; -1: the scribe's
    std::int64_t owner_gid = -1;
    friend bool operator==(const LogSettings&, const LogSettings&) = default;
};

/// One transition as the ledger keeps it: status::Transition in plain values. The numbers of
/// states and kinds of cause are those of their enums, which therefore only ever grow at the end.
struct LedgerRow {
    WallTime wall;
    TimePoint time;
    std::string app;
    std::string service;
    std::uint32_t index = 0;
    std::string key;
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    std::string reason;
    std::uint32_t cause_kind = 0;
    std::uint64_t cause_id = 0;
    std::string cause_text;
    std::int32_t pid = 0;
    friend bool operator==(const LedgerRow&, const LedgerRow&) = default;
};

/// Which rows of the ledger are asked for: those that satisfy all of it, newest first.
struct LedgerQuery {
    /// Globs; `instance` matches `service`, `service.N` or `service (key)`; empty: any.
    struct Target {
        std::string app;
        std::string instance;
        friend bool operator==(const Target&, const Target&) = default;
    };
    std::vector<Target> targets;   // any of these; none: all rows
    std::uint64_t cause_id = 0;    // 0: any
    WallTime since;                // not older than this
    std::uint32_t rows_max = 100;  // at most kLedgerRowsMax
    friend bool operator==(const LedgerQuery&, const LedgerQuery&) = default;
};

/// One thing to remember over reboots, under its key.
struct IntentEntry {
    std::string key;
    std::string value;
    friend bool operator==(const IntentEntry&, const IntentEntry&) = default;
};

// ---- From reeved to the scribe.

/// The first message on every link, in both directions.
struct ScribeHello {
    std::uint32_t version = kScribeProtocolVersion;
    std::uint64_t logs = 0;  // that the scribe has open; of reeved: 0
};

/// Read this pipe into that file. A log that is open already is left as it is, but for settings
/// that changed. The pipe is open O_RDWR and O_NONBLOCK (os::make_log_pipe).
struct OpenLog {
    LogId log = 0;
    LogSettings settings;
    PipeAge age = PipeAge::Continued;
    os::UniqueFd pipe;
};

/// A log that an earlier reeved has opened, as it is to be kept from now on.
struct NamedLog {
    LogId log = 0;
    LogSettings settings;
    friend bool operator==(const NamedLog&, const NamedLog&) = default;
};

/// OpenLog for logs whose pipes the scribe has open already. Of those that it has not it says so
/// (LogsUnknown), if there are any.
struct NameLogs {
    std::vector<NamedLog> logs;
};

/// Write what is still in the pipe, then give it up. Answered by LogClosed.
struct CloseLog {
    LogId log = 0;
};

/// Every log that there is has been named on this link: close all others as CloseLog would.
struct AllLogsNamed {};

/// Remember. Answered by IntentDurable once it survives a power cut, or by IntentFailed; in the
/// order of the requests.
struct PutIntent {
    std::uint64_t sequence = 0;
    IntentEntry entry;
};

/// Forget a key. Answered like PutIntent.
struct EraseIntent {
    std::uint64_t sequence = 0;
    std::string key;
};

/// Answered by IntentRows messages, the last of which says so.
struct LoadIntent {
    std::uint64_t request = 0;
};

/// Adds transitions to the ledger, once: a batch whose sequence number is not above the last one
/// of the same writer is acknowledged and not stored again. Answered by LedgerStored.
struct AppendLedger {
    std::uint64_t writer = 0;  // random, one for the life of a reeved
    std::uint64_t sequence = 0;
    std::vector<LedgerRow> rows;
};

/// Answered by LedgerRows messages, the last of which says so.
struct QueryLedger {
    std::uint64_t request = 0;
    LedgerQuery query;
};

/// A message of a type that this version does not know.
struct UnknownMessage {
    std::uint32_t type = 0;
};

using ScribeRequest =
    std::variant<UnknownMessage, ScribeHello, OpenLog, CloseLog, AllLogsNamed, PutIntent,
                 EraseIntent, LoadIntent, AppendLedger, QueryLedger, NameLogs>;

// ---- From the scribe to reeved.

/// The pipe is drained, everything is in the file, and the file is closed.
struct LogClosed {
    LogId log = 0;
};

/// Answers NameLogs: these have to be opened.
struct LogsUnknown {
    std::vector<LogId> logs;
};

struct IntentDurable {
    std::uint64_t sequence = 0;
};

struct IntentFailed {
    std::uint64_t sequence = 0;
    std::string message;
};

/// Where a part of a longer answer stands.
enum class Part : std::uint32_t { More = 0, Last = 1 };

struct IntentRows {
    std::uint64_t request = 0;
    Part part = Part::Last;
    std::vector<IntentEntry> entries;
    std::string failure;  // not empty: intent could not be read, and why
};

/// The batch is in the ledger, or could not be stored and is given up (a Trouble says why).
struct LedgerStored {
    std::uint64_t sequence = 0;
};

struct LedgerRows {
    std::uint64_t request = 0;
    Part part = Part::Last;
    std::vector<LedgerRow> rows;
    std::string failure;  // not empty: the ledger could not be read, and why
};

/// What is in trouble.
enum class TroubleKind : std::uint32_t { Log = 0, Intent = 1, Ledger = 2 };

enum class TroubleStage : std::uint32_t {
    Begun = 0,  // and lasts
    Over = 1,   // what had begun has ended
    Note = 2    // happened, and does not last: `ledger.db was damaged and is set aside as …`
};

/// Something that an operator should know. For a log, `lost_lines` and `lost_bytes` count since
/// the trouble began.
struct Trouble {
    TroubleKind kind = TroubleKind::Log;
    TroubleStage stage = TroubleStage::Note;
    LogId log = 0;
    std::uint64_t lost_lines = 0;
    std::uint64_t lost_bytes = 0;
    std::string message;
    friend bool operator==(const Trouble&, const Trouble&) = default;
};

using ScribeReply =
    std::variant<UnknownMessage, ScribeHello, LogClosed, IntentDurable, IntentFailed, IntentRows,
                 LedgerStored, LedgerRows, Trouble, LogsUnknown>;

/// The message for Channel::send. An UnknownMessage must not be sent.
Message encode(ScribeRequest request);
Message encode(const ScribeReply& reply);

/// Reads what `encode` wrote, taking the descriptors out of `message`. Fails on a message whose
/// fields are cut short or out of range; a type that is not known becomes UnknownMessage.
Result<ScribeRequest> decode_request(Message message);
Result<ScribeReply> decode_reply(const Message& message);

}  // namespace reeve::link
