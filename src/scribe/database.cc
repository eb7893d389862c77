#include "scribe/database.h"

#include <fcntl.h>
#include <stdio.h>

#include <sqlite3.h>
#include <utility>

#include "base/check.h"
#include "os/fd.h"

namespace reeve::scribe {
namespace {

int error_code(int sqlite_code) {
    switch (sqlite_code & 0xFF) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return kDatabaseDamaged;
        case SQLITE_FULL:
            return kDatabaseFull;
        default:
            return 0;
    }
}

Error statement_failure(sqlite3_stmt* statement) {
    sqlite3* database = ::sqlite3_db_handle(statement);
    const char* path = ::sqlite3_db_filename(database, "main");
    return Error{"write " + std::string(path == nullptr ? "a database" : path) + ": " +
                     ::sqlite3_errmsg(database),
                 error_code(::sqlite3_extended_errcode(database))};
}

}  // namespace

void Statement::Finalizer::operator()(sqlite3_stmt* statement) const {
    ::sqlite3_finalize(statement);
}

void Statement::bind(int parameter, std::int64_t value) {
    CHECK(::sqlite3_bind_int64(statement_.get(), parameter, value) == SQLITE_OK);
}

void Statement::bind_text(int parameter, std::string_view value) {
    CHECK(::sqlite3_bind_text64(statement_.get(), parameter, value.data(), value.size(),
                                SQLITE_TRANSIENT, SQLITE_UTF8) == SQLITE_OK);
}

void Statement::bind_blob(int parameter, std::string_view value) {
    CHECK(::sqlite3_bind_blob64(statement_.get(), parameter, value.data(), value.size(),
                                SQLITE_TRANSIENT) == SQLITE_OK);
}

Result<bool> Statement::step() {
    const int code = ::sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) {
        reset();
        return false;
    }
    Error failure = statement_failure(statement_.get());
    reset();
    return failure;
}

Result<void> Statement::run() {
    const bool row = TRY(step());
    if (row) reset();
    return {};
}

void Statement::reset() {
    ::sqlite3_reset(statement_.get());
}

std::int64_t Statement::number(int column) const {
    return ::sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::bytes(int column) const {
    const void* data = ::sqlite3_column_blob(statement_.get(), column);
    const int size = ::sqlite3_column_bytes(statement_.get(), column);
    if (data == nullptr || size <= 0) return {};
    return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

void Database::Closer::operator()(sqlite3* database) const {
    ::sqlite3_close_v2(database);
}

Error Database::failure(const std::string& what) const {
    return Error{what + " " + path_ + ": " + ::sqlite3_errmsg(database_.get()),
                 error_code(::sqlite3_extended_errcode(database_.get()))};
}

Result<Database> Database::open(const std::string& path, Durability durability) {
    // SQLite would create it readable by more than its owner.
    (void)TRY(os::open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
    Database database;
    database.path_ = path;
    sqlite3* handle = nullptr;
    const int opened = ::sqlite3_open_v2(path.c_str(), &handle,
                                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    database.database_.reset(handle);
    if (opened != SQLITE_OK) return database.failure("open");
    // Few small look-aside slots: the default takes 48 kB for each database.
    ::sqlite3_db_config(handle, SQLITE_DBCONFIG_LOOKASIDE, nullptr, 128, 32);
    // Exclusive: the scribe is alone, and WAL then needs no shared memory file.
    const std::string settings =
        "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA temp_store=MEMORY;"
        "PRAGMA wal_autocheckpoint=256; PRAGMA journal_size_limit=1048576;"
        "PRAGMA cache_size=-" +
        std::to_string(kDatabaseCacheKibibytes) +
        (durability == Durability::Full ? "; PRAGMA synchronous=FULL;"
                                        : "; PRAGMA synchronous=NORMAL;");
    TRY(database.execute(settings.c_str()));
    return database;
}

Result<void> Database::execute(const char* sql) {
    if (::sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
        return failure("write");
    }
    return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
    sqlite3_stmt* handle = nullptr;
    const int prepared =
        ::sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                             SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
    Statement statement;
    statement.statement_.reset(handle);
    if (prepared != SQLITE_OK) return failure("read");
    return statement;
}

Result<std::int64_t> Database::query_number(std::string_view sql) {
    Statement statement = TRY(prepare(sql));
    const bool row = TRY(statement.step());
    return row ? statement.number(0) : 0;
}

Result<Transaction> Transaction::begin(Database& database) {
    TRY(database.execute("BEGIN IMMEDIATE"));
    return Transaction(database);
}

Transaction::~Transaction() {
    if (database_ == nullptr) return;
    (void)database_->execute("ROLLBACK");  // SQLite may have rolled back by itself
}

Result<void> Transaction::commit() {
    TRY(database_->execute("COMMIT"));
    database_ = nullptr;
    return {};
}

Result<std::string> set_aside(const std::string& path, std::string_view time) {
    const std::string aside = path + ".broken-" + std::string(time);
    for (const char* suffix : {"-wal", "-shm", "-journal", ""}) {
        const std::string from = path + suffix;
        const std::string to = aside + suffix;
        if (::rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT) {
            return system_error("rename " + from);
        }
    }
    return aside;
}

}  // namespace reeve::scribe
