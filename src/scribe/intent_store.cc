#include "scribe/intent_store.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "os/fd.h"
#include "scribe/schema.h"

namespace reeve::scribe {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr char kTables[] =
    "CREATE TABLE IF NOT EXISTS intent (key TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL)"
    " WITHOUT ROWID";

/// Makes the file's name itself survive a power cut.
Result<void> sync_directory_of(const std::string& path) {
    const std::string directory = path.substr(0, path.rfind('/'));
    const os::UniqueFd opened = TRY(os::open_file(directory, O_RDONLY | O_DIRECTORY));
    if (::fsync(opened.get()) != 0) return system_error("sync " + directory);
    return {};
}

}  // namespace

IntentStore::IntentStore(std::string path, ReserveFile& reserve)
    : path_(std::move(path)), reserve_(reserve) {}

void IntentStore::close() {
    put_ = Statement();
    erase_ = Statement();
    select_ = Statement();
    database_.reset();
}

Result<void> IntentStore::open() {
    const bool is_new = ::access(path_.c_str(), F_OK) != 0;
    Database database = TRY(Database::open(path_, Durability::Full));
    Statement check = TRY(database.prepare("PRAGMA quick_check(1)"));
    const bool answered = TRY(check.step());
    if (!answered || check.bytes(0) != "ok") {
        return Error{"read " + path_ + ": " + check.bytes(0), kDatabaseDamaged};
    }
    check.reset();
    TRY(prepare_schema(database, kTables, kVersion));
    put_ =
        TRY(database.prepare("INSERT INTO intent (key, value) VALUES (?, ?)"
                             " ON CONFLICT (key) DO UPDATE SET value = excluded.value"));
    erase_ = TRY(database.prepare("DELETE FROM intent WHERE key = ?"));
    select_ =
        TRY(database.prepare("SELECT key, value FROM intent WHERE key > ? ORDER BY key LIMIT 256"));
    database_ = std::move(database);
    if (is_new) TRY(sync_directory_of(path_));
    return {};
}

Result<void> IntentStore::make_ready(WallTime now) {
    if (database_) return {};
    const Result<void> opened = open();
    if (opened) return opened;
    close();
    if (opened.error().code != kDatabaseDamaged) return opened;
    return begin_anew(opened.error().message, now);
}

Result<void> IntentStore::begin_anew(const std::string& damage, WallTime now) {
    close();
    const std::string aside = TRY(set_aside(path_, to_text(now)));
    note_ = "intent.db was damaged (" + damage + ") and is set aside as " + aside +
            ": load the apps again";
    return open();
}

Result<void> IntentStore::try_write(const std::vector<IntentChange>& changes) {
    Transaction transaction = TRY(Transaction::begin(*database_));
    for (const IntentChange& change : changes) {
        Statement& statement = change.value ? put_ : erase_;
        statement.bind_text(1, change.key);
        if (change.value) statement.bind_blob(2, *change.value);
        TRY(statement.run());
    }
    return transaction.commit();
}

Result<void> IntentStore::write(const std::vector<IntentChange>& changes, WallTime now) {
    for (const IntentChange& change : changes) {
        if (change.value && change.value->size() > kIntentValueBytesMax) {
            return Error{"remember " + change.key + ": the value is too long"};
        }
    }
    const auto attempt = [&]() -> Result<void> {
        TRY(make_ready(now));
        return try_write(changes);
    };
    Result<void> written = attempt();
    if (!written && written.error().code == kDatabaseDamaged) {
        TRY(begin_anew(written.error().message, now));
        written = attempt();
    }
    if (!written && written.error().code == kDatabaseFull && reserve_.give_up()) {
        written = attempt();
    }
    return written;
}

Result<std::vector<link::IntentEntry>> IntentStore::read(const std::string& after_key,
                                                         std::size_t bytes_max, WallTime now) {
    // The very first start of reeve waits for this answer, and not for a new database.
    if (!database_ && ::access(path_.c_str(), F_OK) != 0 && errno == ENOENT) {
        return std::vector<link::IntentEntry>();
    }
    TRY(make_ready(now));
    std::vector<link::IntentEntry> entries;
    std::size_t bytes = 0;
    select_.bind_text(1, after_key);
    while (TRY(select_.step())) {
        link::IntentEntry entry{select_.bytes(0), select_.bytes(1)};
        bytes += entry.key.size() + entry.value.size();
        if (bytes > bytes_max && !entries.empty()) {
            select_.reset();
            break;
        }
        entries.push_back(std::move(entry));
    }
    return entries;
}

std::optional<std::string> IntentStore::take_note() {
    return std::exchange(note_, std::nullopt);
}

}  // namespace reeve::scribe
