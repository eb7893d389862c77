#include "scribe/schema.h"

#include "base/log.h"

namespace reeve::scribe {

Result<void> prepare_schema(Database& database, const char* tables, std::int64_t version) {
    Transaction transaction = TRY(Transaction::begin(database));
    TRY(database.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)"));
    TRY(database.execute(tables));
    const std::int64_t found =
        TRY(database.query_number("SELECT coalesce(max(version), 0) FROM schema_version"));
    if (found == 0) {
        Statement insert = TRY(database.prepare("INSERT INTO schema_version (version) VALUES (?)"));
        insert.bind(1, version);
        TRY(insert.run());
    }
    if (found > version) {
        log::warning("schema_version=" + std::to_string(found) +
                     " reason=\"written by a later version; what it added is left alone\"");
    }
    return transaction.commit();
}

}  // namespace reeve::scribe
