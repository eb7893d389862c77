#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// What is remembered of apps beside their processes, also of those without code yet: properties,
// config vars, releases. Everything is a text under a key, `AREA/NAME`: `ps/restart-policy`,
// `config/DATABASE_URL`. What the keys mean is decided by those who read them.
namespace reeve::api {

/// The records of one app by their keys.
using Records = std::map<std::string, std::string>;

/// The name under which what holds for every app is kept; no app can have it.
inline constexpr std::string_view kGlobalApp = "--global";

/// What a StoreChange does to its app before its entries are applied.
enum class StoreAct {
    Change,   // the app must be there
    Create,   // it must not be there
    Destroy,  // everything about it is forgotten; there are no entries
    Rename    // to `new_name`, which must not be there
};

/// One change of what is remembered of an app. All of it happens, or nothing.
struct StoreChange {
    struct Entry {
        std::string key;
        std::optional<std::string> value;  // nullopt: forget the key
        friend bool operator==(const Entry&, const Entry&) = default;
    };
    std::string app;
    StoreAct act = StoreAct::Change;
    std::string new_name;
    std::vector<Entry> entries;
    std::string command_line;  // as typed, but for values that may be secret
    friend bool operator==(const StoreChange&, const StoreChange&) = default;
};

/// Longest key, longest value, most entries of one change.
inline constexpr std::size_t kStoreKeyMax = 512;
inline constexpr std::size_t kStoreValueMax = std::size_t{256} * 1024;
inline constexpr std::size_t kStoreEntriesMax = 2000;

/// The change as the body of a POST.
std::string to_json(const StoreChange& change);

/// Reads what `to_json` wrote. The text is untrusted: errors name the field, sizes are bounded,
/// texts are UTF-8 without NUL.
Result<StoreChange> store_change_from_json(std::string_view text);

/// The answer to a question about one app, and how it is read.
std::string records_json(std::string_view app, bool exists, const Records& records);
struct StoredRecords {
    bool exists = false;
    Records records;
};
Result<StoredRecords> records_from_json(std::string_view text);

/// The answer to a question about all: the names of the apps that there are.
std::string app_names_json(const std::vector<std::string>& names);
Result<std::vector<std::string>> app_names_from_json(std::string_view text);

}  // namespace reeve::api
