#include "api/store_request.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/json_writer.h"
#include "base/text.h"

namespace reeve::api {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kAppNameMax = 255;
constexpr std::size_t kLineMax = 1024;

constexpr std::array<std::pair<StoreAct, std::string_view>, 4> kActs = {
    {{StoreAct::Change, "change"},
     {StoreAct::Create, "create"},
     {StoreAct::Destroy, "destroy"},
     {StoreAct::Rename, "rename"}}};

std::string_view word_of(StoreAct act) {
    for (const auto& [known, word] : kActs) {
        if (known == act) return word;
    }
    return "";
}

Result<std::string> read_text(const Json& object, const char* field, std::size_t most) {
    const auto found = object.find(field);
    if (found == object.end()) return std::string();
    if (!found->is_string()) return Error{std::string(field) + ": a text is needed"};
    std::string text = found->get<std::string>();
    if (text.size() > most) return Error{std::string(field) + ": is too long"};
    if (text.find('\0') != std::string::npos) {
        return Error{std::string(field) + ": contains a NUL byte"};
    }
    return text;
}

/// A name goes into paths, logs and terminals.
Result<std::string> read_name(const Json& object, const char* field) {
    std::string name = TRY(read_text(object, field, kAppNameMax));
    for (const char c : name) {
        if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) continue;
        return Error{std::string(field) + ": contains a control character"};
    }
    return name;
}

Result<std::vector<StoreChange::Entry>> read_entries(const Json& object) {
    std::vector<StoreChange::Entry> entries;
    const auto list = object.find("entries");
    if (list == object.end()) return entries;
    if (!list->is_array() || list->size() > kStoreEntriesMax) {
        return Error{"entries: a list of at most " + std::to_string(kStoreEntriesMax) +
                     " is needed"};
    }
    for (const Json& item : *list) {
        if (!item.is_object()) return Error{"entries: objects are needed"};
        StoreChange::Entry entry;
        entry.key = TRY(read_text(item, "key", kStoreKeyMax));
        if (entry.key.find('/') == std::string::npos) {
            return Error{"entries: a key is AREA/NAME"};
        }
        if (item.contains("value")) entry.value = TRY(read_text(item, "value", kStoreValueMax));
        entries.push_back(std::move(entry));
    }
    return entries;
}

Result<Json> read_object(std::string_view text) {
    Json object = Json::parse(text, nullptr, false);
    if (!object.is_object()) return Error{"not a JSON object"};
    return object;
}

}  // namespace

std::string to_json(const StoreChange& change) {
    JsonWriter json;
    json.begin_object();
    json.member("app", change.app);
    json.member("act", word_of(change.act));
    if (!change.new_name.empty()) json.member("new_name", change.new_name);
    json.key("entries");
    json.begin_list();
    for (const StoreChange::Entry& entry : change.entries) {
        json.begin_object();
        json.member("key", entry.key);
        if (entry.value) json.member("value", *entry.value);
        json.end_object();
    }
    json.end_list();
    json.member("command_line", std::string_view(change.command_line).substr(0, kLineMax));
    json.end_object();
    return json.take();
}

Result<StoreChange> store_change_from_json(std::string_view text) {
    const Json object = TRY(read_object(text));
    StoreChange change;
    change.app = TRY(read_name(object, "app"));
    if (change.app.empty()) return Error{"app: a name is needed"};
    change.new_name = TRY(read_name(object, "new_name"));
    const std::string act = TRY(read_text(object, "act", kLineMax));
    bool known = false;
    for (const auto& [value, word] : kActs) {
        if (word != act) continue;
        change.act = value;
        known = true;
    }
    if (!known) return Error{"act: \"" + act + "\" is none"};
    if (change.act == StoreAct::Rename && change.new_name.empty()) {
        return Error{"new_name: a name is needed"};
    }
    change.entries = TRY(read_entries(object));
    change.command_line = TRY(read_text(object, "command_line", kLineMax));
    return change;
}

std::string records_json(std::string_view app, bool exists, const Records& records) {
    JsonWriter json;
    json.begin_object();
    json.member("app", app);
    json.member_flag("exists", exists);
    json.key("records");
    json.begin_list();
    for (const auto& [key, value] : records) {
        json.begin_object();
        json.member("key", key);
        json.member("value", value);
        json.end_object();
    }
    json.end_list();
    json.end_object();
    return json.take();
}

Result<StoredRecords> records_from_json(std::string_view text) {
    const Json object = TRY(read_object(text));
    const auto exists = object.find("exists");
    const auto list = object.find("records");
    if (exists == object.end() || !exists->is_boolean() || list == object.end() ||
        !list->is_array()) {
        return Error{"not the records of an app"};
    }
    StoredRecords stored;
    stored.exists = exists->get<bool>();
    for (const Json& item : *list) {
        if (!item.is_object()) return Error{"not the records of an app"};
        const std::string key = TRY(read_text(item, "key", kStoreKeyMax));
        stored.records[key] = TRY(read_text(item, "value", kStoreValueMax));
    }
    return stored;
}

std::string app_names_json(const std::vector<std::string>& names) {
    JsonWriter json;
    json.begin_object();
    json.key("apps");
    json.begin_list();
    for (const std::string& name : names)
        json.text(name);
    json.end_list();
    json.end_object();
    return json.take();
}

Result<std::vector<std::string>> app_names_from_json(std::string_view text) {
    const Json object = TRY(read_object(text));
    const auto list = object.find("apps");
    if (list == object.end() || !list->is_array()) return Error{"not a list of apps"};
    std::vector<std::string> names;
    for (const Json& name : *list) {
        if (!name.is_string()) return Error{"not a list of apps"};
        names.push_back(name.get<std::string>());
    }
    return names;
}

}  // namespace reeve::api
