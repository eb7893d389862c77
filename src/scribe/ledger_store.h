#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "link/scribe_protocol.h"
#include "scribe/database.h"

namespace reeve::scribe {

/// What the ledger keeps: the newest rows, and none that is older than this.
inline constexpr std::int64_t kLedgerRowsKept = 100'000;
inline constexpr std::int64_t kLedgerSecondsKept = 30LL * 24 * 60 * 60;
/// A longer text is cut.
inline constexpr std::size_t kLedgerTextBytesMax = 2048;
/// Rows that one step of a query looks at.
inline constexpr int kLedgerRowsPerStep = 512;

/// Every transition and its cause, in `ledger.db`: bounded, and disposable. A damaged one is set
/// aside and begun anew. Opened at its first use.
class LedgerStore {
public:
    /// `rows_kept` is kLedgerRowsKept, but for tests.
    LedgerStore(std::string path, std::int64_t rows_kept);

    /// Stores all batches that are not stored yet, or nothing. What a new reeved repeats in its
    /// first batch, since the last one has died before it noted that it had told it, is left out.
    Result<void> append(const std::vector<link::AppendLedger>& batches, WallTime now);

    /// A part of a query's answer.
    struct Step {
        std::vector<link::LedgerRow> rows;  // newest first
        std::int64_t next_id = 0;           // where the next step begins; 0: that was all
    };
    /// Looks at the next kLedgerRowsPerStep rows, from `begin_id` (0: the newest) on backwards.
    Result<Step> step(const link::LedgerQuery& query, std::int64_t begin_id, WallTime now);

    /// What an operator must be told of (a damaged file that was set aside), once.
    std::optional<std::string> take_note();

private:
    Result<void> open();
    Result<void> make_ready(WallTime now);
    Result<void> begin_anew(const std::string& damage, WallTime now);
    Result<void> try_append(const std::vector<link::AppendLedger>& batches, WallTime now);
    Result<std::optional<std::uint64_t>> last_sequence_of(std::uint64_t writer);
    Result<std::vector<link::LedgerRow>> recent_rows();
    Result<void> insert(const link::LedgerRow& row);
    Result<void> trim(WallTime now);
    void close();

    std::string path_;
    std::int64_t rows_kept_;
    std::optional<Database> database_;
    Statement insert_;
    Statement select_;
    Statement find_writer_;
    Statement put_writer_;
    std::size_t rows_since_trim_ = 0;
    std::optional<std::string> note_;
};

/// Whether a row is one of those that are asked for.
bool is_wanted(const link::LedgerRow& row, const link::LedgerQuery& query);

}  // namespace reeve::scribe
