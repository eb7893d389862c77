#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace reeve::scribe {

/// How much of a database's pages SQLite may keep in memory.
inline constexpr int kDatabaseCacheKibibytes = 64;

/// Error codes that this folder tells apart (Error::code of everything below).
inline constexpr int kDatabaseDamaged = 1'000'001;  // corrupt, or no database at all
inline constexpr int kDatabaseFull = 1'000'002;     // no space left on its disk

/// One prepared statement, bound and stepped by hand. Must not outlive its Database.
class Statement {
public:
    Statement() = default;
    explicit operator bool() const { return static_cast<bool>(statement_); }

    /// Parameters count from 1. Texts and blobs are copied.
    void bind(int parameter, std::int64_t value);
    void bind_text(int parameter, std::string_view value);
    void bind_blob(int parameter, std::string_view value);

    /// Whether there is a row. Resets itself after the last one and after a failure.
    Result<bool> step();
    /// For statements without rows.
    Result<void> run();
    /// Gives up the rows that were not read.
    void reset();

    /// Columns count from 0.
    std::int64_t number(int column) const;
    std::string bytes(int column) const;

private:
    friend class Database;
    struct Finalizer {
        void operator()(sqlite3_stmt* statement) const;
    };
    std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

/// How durable a commit is.
enum class Durability {
    Full,   // survives a power cut
    Normal  // a power cut may take the last commits, but damages nothing
};

/// One SQLite file, for one process alone, in WAL mode and with little memory.
class Database {
public:
    /// Opens or creates `path`, readable by its owner only. Fails with kDatabaseDamaged if it is
    /// not a sound database.
    static Result<Database> open(const std::string& path, Durability durability);

    Result<void> execute(const char* sql);
    Result<Statement> prepare(std::string_view sql);
    /// The first number of the first row; 0 without rows.
    Result<std::int64_t> query_number(std::string_view sql);

private:
    Error failure(const std::string& what) const;
    struct Closer {
        void operator()(sqlite3* database) const;
    };
    std::string path_;
    std::unique_ptr<sqlite3, Closer> database_;
};

/// A transaction; rolled back at its end of life unless committed.
class Transaction {
public:
    static Result<Transaction> begin(Database& database);
    Transaction(Transaction&& other) noexcept
        : database_(std::exchange(other.database_, nullptr)) {}
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    Result<void> commit();

private:
    explicit Transaction(Database& database) : database_(&database) {}
    Database* database_;
};

/// Moves a damaged database out of the way, as `PATH.broken-TIME`, with what belongs to it.
/// Returns the new path.
Result<std::string> set_aside(const std::string& path, std::string_view time);

}  // namespace reeve::scribe
