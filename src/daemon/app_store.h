#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/store_request.h"
#include "base/result.h"

namespace reeve::daemon {

/// Most records of one app, and most apps.
inline constexpr std::size_t kRecordsPerAppMax = 5000;
inline constexpr std::size_t kStoredAppsMax = 10'000;

/// What is remembered of apps beside their processes (api/store_request.h): in memory, while the
/// daemon carries every change to the journal and, through the scribe, to disk.
class AppStore {
public:
    /// The apps that were created, in the order of their names.
    std::vector<std::string> names() const;
    bool exists(const std::string& app) const { return apps_.contains(app); }

    /// Everything about an app; empty where there is none.
    const api::Records& records(const std::string& app) const;

    /// The value of the app itself, or nullptr.
    const std::string* find(const std::string& app, const std::string& key) const;

    /// The app's value, else the one for all apps, else `otherwise`; an empty value is none.
    std::string effective(const std::string& app, const std::string& key,
                          std::string_view otherwise) const;

    /// The app's records of an area, by their names: `config` gives the config vars.
    std::map<std::string, std::string> area(const std::string& app, std::string_view area) const;

    /// Carries a change out, or says why not and changes nothing. The error's code is an HTTP
    /// status: 404 no such app, 409 its name is taken, 400 anything else.
    Result<void> apply(const api::StoreChange& change);

    /// What changed since the last call: an entry's name, and its value unless it is gone. For the
    /// journal and for intent.
    std::map<std::string, std::optional<std::string>> take_changes();

    /// Every entry, in the same form.
    std::map<std::string, std::string> entries() const;

    /// Takes in one remembered entry; malformed ones are left out.
    void restore(const std::string& name, const std::string& value);

private:
    void put(const std::string& app, const std::string& key, const std::string& value);
    void erase(const std::string& app, const std::string& key);
    void forget(const std::string& app);

    std::map<std::string, api::Records> apps_;
    std::map<std::string, std::optional<std::string>> changes_;
};

}  // namespace reeve::daemon
