#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "scribe/database.h"

namespace reeve::scribe {

/// Creates what `tables` (SQL, "IF NOT EXISTS") names and notes `version` in the table
/// `schema_version`. A database of a later version is used as it is, and the log says so: later
/// versions only add columns with default values, and tables.
Result<void> prepare_schema(Database& database, const char* tables, std::int64_t version);

}  // namespace reeve::scribe
