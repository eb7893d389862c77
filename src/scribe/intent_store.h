#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "link/scribe_protocol.h"
#include "scribe/database.h"
#include "scribe/reserve_file.h"

namespace reeve::scribe {

/// A longer value is refused.
inline constexpr std::size_t kIntentValueBytesMax = 16 * 1024 * 1024;

/// One change of what is remembered.
struct IntentChange {
    std::string key;
    std::optional<std::string> value;  // nullopt: forget the key
};

/// What operators want, over reboots: keys and values in `intent.db`. A crash at any point leaves
/// the old intent or the new one. Opened at its first use.
class IntentStore {
public:
    /// `reserve` is given up when the disk is full, and must outlive the store.
    IntentStore(std::string path, ReserveFile& reserve);

    /// Writes all changes, or none; they survive a power cut when this returns.
    Result<void> write(const std::vector<IntentChange>& changes, WallTime now);

    /// The entries behind `after_key`, in the order of their keys, as far as they fit into
    /// `bytes_max`, but at least one. None: there is nothing behind it.
    Result<std::vector<link::IntentEntry>> read(const std::string& after_key, std::size_t bytes_max,
                                                WallTime now);

    /// What an operator must be told of (a damaged file that was set aside), once.
    std::optional<std::string> take_note();

private:
    Result<void> open();
    /// Opens the store; sets a damaged one aside and begins anew.
    Result<void> make_ready(WallTime now);
    Result<void> begin_anew(const std::string& damage, WallTime now);
    Result<void> try_write(const std::vector<IntentChange>& changes);
    void close();

    std::string path_;
    ReserveFile& reserve_;
    std::optional<Database> database_;
    Statement put_;
    Statement erase_;
    Statement select_;
    std::optional<std::string> note_;
};

}  // namespace reeve::scribe
