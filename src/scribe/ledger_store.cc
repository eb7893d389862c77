#include "scribe/ledger_store.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/text.h"
#include "scribe/schema.h"

namespace reeve::scribe {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr char kTables[] =
    "CREATE TABLE IF NOT EXISTS transitions (id INTEGER PRIMARY KEY, wall INTEGER NOT NULL,"
    " time INTEGER NOT NULL, app TEXT NOT NULL, service TEXT NOT NULL, number INTEGER NOT NULL,"
    " key TEXT NOT NULL, from_state INTEGER NOT NULL, to_state INTEGER NOT NULL,"
    " reason TEXT NOT NULL, cause_kind INTEGER NOT NULL, cause_id INTEGER NOT NULL,"
    " cause_text TEXT NOT NULL, pid INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS writers (writer INTEGER PRIMARY KEY, sequence INTEGER NOT NULL,"
    " wall INTEGER NOT NULL)";

/// Rows between two looks at what is too old.
constexpr std::size_t kTrimEvery = 1000;
/// Old rows that one look removes at most: more than came in since the last one.
constexpr char kTrimOld[] =
    "DELETE FROM transitions WHERE wall < ? AND id IN"
    " (SELECT id FROM transitions ORDER BY id LIMIT 4000)";
/// reeveds whose batches are told apart.
constexpr char kTrimWriters[] =
    "DELETE FROM writers WHERE writer NOT IN"
    " (SELECT writer FROM writers ORDER BY wall DESC LIMIT 16)";

std::string_view cut(const std::string& text) {
    return std::string_view(text).substr(0, kLedgerTextBytesMax);
}

/// How far back the first words of a new reeved may repeat those of the last one.
constexpr std::int64_t kRowsRepeatedMax = 1000;

/// The wall time apart, which is read when a transition is told.
bool is_among(const std::vector<link::LedgerRow>& rows, link::LedgerRow row) {
    return std::any_of(rows.begin(), rows.end(), [&row](const link::LedgerRow& other) {
        if (other.time != row.time) return false;
        row.wall = other.wall;
        return row == other;
    });
}

/// SQLite knows signed numbers only; the bits are kept.
std::int64_t to_signed(std::uint64_t number) {
    return static_cast<std::int64_t>(number);
}

link::LedgerRow row_of(const Statement& select) {
    link::LedgerRow row;
    row.wall.nanoseconds = select.number(1);
    row.time = TimePoint(Duration(select.number(2)));
    row.app = select.bytes(3);
    row.service = select.bytes(4);
    row.index = static_cast<std::uint32_t>(select.number(5));
    row.key = select.bytes(6);
    row.from = static_cast<std::uint32_t>(select.number(7));
    row.to = static_cast<std::uint32_t>(select.number(8));
    row.reason = select.bytes(9);
    row.cause_kind = static_cast<std::uint32_t>(select.number(10));
    row.cause_id = static_cast<std::uint64_t>(select.number(11));
    row.cause_text = select.bytes(12);
    row.pid = static_cast<std::int32_t>(select.number(13));
    return row;
}

}  // namespace

bool is_wanted(const link::LedgerRow& row, const link::LedgerQuery& query) {
    if (query.cause_id != 0 && row.cause_id != query.cause_id) return false;
    if (row.wall.nanoseconds < query.since.nanoseconds) return false;
    if (query.targets.empty()) return true;
    const std::string instance = row.key.empty() ? row.service + "." + std::to_string(row.index)
                                                 : row.service + " (" + row.key + ")";
    return std::any_of(
        query.targets.begin(), query.targets.end(), [&](const link::LedgerQuery::Target& target) {
            if (!target.app.empty() && !glob_matches(target.app, row.app)) {
                return false;
            }
            return target.instance.empty() || glob_matches(target.instance, row.service) ||
                   glob_matches(target.instance, instance);
        });
}

LedgerStore::LedgerStore(std::string path, std::int64_t rows_kept)
    : path_(std::move(path)), rows_kept_(rows_kept) {}

void LedgerStore::close() {
    insert_ = Statement();
    select_ = Statement();
    find_writer_ = Statement();
    put_writer_ = Statement();
    database_.reset();
}

Result<void> LedgerStore::open() {
    Database database = TRY(Database::open(path_, Durability::Normal));
    TRY(prepare_schema(database, kTables, kVersion));
    insert_ = TRY(database.prepare(
        "INSERT INTO transitions (wall, time, app, service, number, key, from_state, to_state,"
        " reason, cause_kind, cause_id, cause_text, pid)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    select_ = TRY(database.prepare(
        "SELECT id, wall, time, app, service, number, key, from_state, to_state, reason,"
        " cause_kind, cause_id, cause_text, pid FROM transitions"
        " WHERE id <= ? ORDER BY id DESC LIMIT ?"));
    find_writer_ = TRY(database.prepare("SELECT sequence FROM writers WHERE writer = ?"));
    put_writer_ = TRY(database.prepare(
        "INSERT INTO writers (writer, sequence, wall) VALUES (?, ?, ?)"
        " ON CONFLICT (writer) DO UPDATE SET sequence = excluded.sequence, wall = excluded.wall"));
    database_ = std::move(database);
    return {};
}

Result<void> LedgerStore::make_ready(WallTime now) {
    if (database_) return {};
    const Result<void> opened = open();
    if (opened) return opened;
    close();
    if (opened.error().code != kDatabaseDamaged) return opened;
    return begin_anew(opened.error().message, now);
}

Result<void> LedgerStore::begin_anew(const std::string& damage, WallTime now) {
    close();
    const std::string aside = TRY(set_aside(path_, to_text(now)));
    note_ = "ledger.db was damaged (" + damage + ") and is set aside as " + aside;
    return open();
}

Result<void> LedgerStore::append(const std::vector<link::AppendLedger>& batches, WallTime now) {
    TRY(make_ready(now));
    const Result<void> appended = try_append(batches, now);
    if (appended || appended.error().code != kDatabaseDamaged) return appended;
    TRY(begin_anew(appended.error().message, now));
    return try_append(batches, now);
}

Result<void> LedgerStore::try_append(const std::vector<link::AppendLedger>& batches, WallTime now) {
    Transaction transaction = TRY(Transaction::begin(*database_));
    std::size_t rows = rows_since_trim_;
    for (const link::AppendLedger& batch : batches) {
        const std::optional<std::uint64_t> last = TRY(last_sequence_of(batch.writer));
        if (last && batch.sequence <= *last) continue;
        std::vector<link::LedgerRow> recent;
        if (!last) recent = TRY(recent_rows());
        for (const link::LedgerRow& row : batch.rows) {
            if (!is_among(recent, row)) TRY(insert(row));
        }
        rows += batch.rows.size();
        put_writer_.bind(1, to_signed(batch.writer));
        put_writer_.bind(2, to_signed(batch.sequence));
        put_writer_.bind(3, now.nanoseconds);
        TRY(put_writer_.run());
    }
    if (rows >= kTrimEvery) {
        TRY(trim(now));
        rows = 0;
    }
    TRY(transaction.commit());
    rows_since_trim_ = rows;
    return {};
}

Result<std::optional<std::uint64_t>> LedgerStore::last_sequence_of(std::uint64_t writer) {
    find_writer_.bind(1, to_signed(writer));
    const bool known = TRY(find_writer_.step());
    if (!known) return std::optional<std::uint64_t>();
    const auto last = static_cast<std::uint64_t>(find_writer_.number(0));
    find_writer_.reset();
    return std::optional<std::uint64_t>(last);
}

Result<std::vector<link::LedgerRow>> LedgerStore::recent_rows() {
    std::vector<link::LedgerRow> rows;
    select_.bind(1, std::numeric_limits<std::int64_t>::max());
    select_.bind(2, kRowsRepeatedMax);
    while (TRY(select_.step()))
        rows.push_back(row_of(select_));
    return rows;
}

Result<void> LedgerStore::insert(const link::LedgerRow& row) {
    insert_.bind(1, row.wall.nanoseconds);
    insert_.bind(2, row.time.time_since_epoch().count());
    insert_.bind_text(3, cut(row.app));
    insert_.bind_text(4, cut(row.service));
    insert_.bind(5, row.index);
    insert_.bind_text(6, cut(row.key));
    insert_.bind(7, row.from);
    insert_.bind(8, row.to);
    insert_.bind_text(9, cut(row.reason));
    insert_.bind(10, row.cause_kind);
    insert_.bind(11, to_signed(row.cause_id));
    insert_.bind_text(12, cut(row.cause_text));
    insert_.bind(13, row.pid);
    return insert_.run();
}

Result<void> LedgerStore::trim(WallTime now) {
    Statement surplus = TRY(database_->prepare(
        "DELETE FROM transitions WHERE id <= (SELECT max(id) FROM transitions) - ?"));
    surplus.bind(1, rows_kept_);
    TRY(surplus.run());
    Statement old = TRY(database_->prepare(kTrimOld));
    old.bind(1, now.nanoseconds - kLedgerSecondsKept * 1'000'000'000);
    TRY(old.run());
    return database_->execute(kTrimWriters);
}

Result<LedgerStore::Step> LedgerStore::step(const link::LedgerQuery& query, std::int64_t begin_id,
                                            WallTime now) {
    TRY(make_ready(now));
    select_.bind(1, begin_id == 0 ? std::numeric_limits<std::int64_t>::max() : begin_id);
    select_.bind(2, kLedgerRowsPerStep);
    Step step;
    int seen = 0;
    std::int64_t id = 0;
    while (TRY(select_.step())) {
        ++seen;
        id = select_.number(0);
        link::LedgerRow row = row_of(select_);
        if (is_wanted(row, query)) step.rows.push_back(std::move(row));
    }
    step.next_id = seen == kLedgerRowsPerStep ? id - 1 : 0;
    return step;
}

std::optional<std::string> LedgerStore::take_note() {
    return std::exchange(note_, std::nullopt);
}

}  // namespace reeve::scribe
