#include "daemon/app_store.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace reeve::daemon {
namespace {

std::string entry_name(const std::string& app, const std::string& key) {
    return escape_name(app) + "/" + key;
}

bool is_global(const std::string& app) {
    return app == api::kGlobalApp;
}

}  // namespace

std::vector<std::string> AppStore::names() const {
    std::vector<std::string> names;
    for (const auto& [name, records] : apps_) {
        if (!is_global(name)) names.push_back(name);
    }
    return names;
}

const api::Records& AppStore::records(const std::string& app) const {
    static const api::Records kNone;
    const auto found = apps_.find(app);
    return found == apps_.end() ? kNone : found->second;
}

const std::string* AppStore::find(const std::string& app, const std::string& key) const {
    const api::Records& all = records(app);
    const auto found = all.find(key);
    return found == all.end() ? nullptr : &found->second;
}

std::string AppStore::effective(const std::string& app, const std::string& key,
                                std::string_view otherwise) const {
    const std::string* own = find(app, key);
    if (own != nullptr && !own->empty()) return *own;
    const std::string* global = find(std::string(api::kGlobalApp), key);
    if (global != nullptr && !global->empty()) return *global;
    return std::string(otherwise);
}

std::map<std::string, std::string> AppStore::area(const std::string& app,
                                                  std::string_view area) const {
    const std::string prefix = std::string(area) + "/";
    const api::Records& all = records(app);
    std::map<std::string, std::string> found;
    for (auto it = all.lower_bound(prefix); it != all.end() && it->first.starts_with(prefix); ++it)
        found.emplace(it->first.substr(prefix.size()), it->second);
    return found;
}

Result<void> AppStore::apply(const api::StoreChange& change) {
    const bool there = exists(change.app);
    const bool creates = change.act == api::StoreAct::Create;
    if (creates && (there || is_global(change.app))) return Error{"Name is already taken", 409};
    if (creates && apps_.size() >= kStoredAppsMax) return Error{"there are too many apps", 400};
    if (!creates && !there && !is_global(change.app)) {
        return Error{"App " + change.app + " does not exist", 404};
    }
    if (is_global(change.app) && change.act != api::StoreAct::Change) {
        return Error{"that is no app", 400};
    }
    std::size_t added = 0;
    for (const api::StoreChange::Entry& entry : change.entries)
        added += entry.value && find(change.app, entry.key) == nullptr ? 1 : 0;
    if (records(change.app).size() + added > kRecordsPerAppMax) {
        return Error{change.app + " has too many records", 400};
    }
    if (change.act == api::StoreAct::Destroy) {
        forget(change.app);
        return {};
    }
    std::string app = change.app;
    if (change.act == api::StoreAct::Rename) {
        if (exists(change.new_name) || is_global(change.new_name)) {
            return Error{"Name is already taken", 409};
        }
        const api::Records moved = records(app);
        forget(app);
        app = change.new_name;
        apps_[app];
        for (const auto& [key, value] : moved)
            put(app, key, value);
    }
    if (creates) put(app, "app/created", "1");
    for (const api::StoreChange::Entry& entry : change.entries) {
        if (entry.value) {
            put(app, entry.key, *entry.value);
        } else {
            erase(app, entry.key);
        }
    }
    return {};
}

std::map<std::string, std::optional<std::string>> AppStore::take_changes() {
    return std::exchange(changes_, {});
}

std::map<std::string, std::string> AppStore::entries() const {
    std::map<std::string, std::string> all;
    for (const auto& [app, records] : apps_) {
        for (const auto& [key, value] : records)
            all.emplace(entry_name(app, key), value);
    }
    return all;
}

void AppStore::restore(const std::string& name, const std::string& value) {
    const std::size_t slash = name.find('/');
    if (slash == std::string::npos) return;
    const Result<std::string> app = unescape_name(name.substr(0, slash));
    if (app) apps_[*app][name.substr(slash + 1)] = value;
}

void AppStore::put(const std::string& app, const std::string& key, const std::string& value) {
    apps_[app][key] = value;
    changes_[entry_name(app, key)] = value;
}

void AppStore::erase(const std::string& app, const std::string& key) {
    const auto found = apps_.find(app);
    if (found == apps_.end() || found->second.erase(key) == 0) return;
    changes_[entry_name(app, key)] = std::nullopt;
}

void AppStore::forget(const std::string& app) {
    for (const auto& [key, value] : records(app))
        changes_[entry_name(app, key)] = std::nullopt;
    apps_.erase(app);
}

}  // namespace reeve::daemon
