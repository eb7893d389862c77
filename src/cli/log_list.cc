#include "cli/log_list.h"

#include <nlohmann/json.hpp>

namespace reeve::cli {
namespace {

using Json = nlohmann::json;

std::string text_of(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

Result<std::vector<LogOfInstance>> parse_log_list(std::string_view json) {
    const Json answer = Json::parse(json, nullptr, false);
    if (!answer.is_object() || !answer.contains("logs") || !answer["logs"].is_array()) {
        return Error{"the daemon's list of logs is not understood"};
    }
    std::vector<LogOfInstance> logs;
    for (const Json& log : answer["logs"]) {
        if (!log.is_object()) return Error{"the daemon's list of logs is not understood"};
        logs.push_back({text_of(log, "app"), text_of(log, "instance"), text_of(log, "path")});
    }
    return logs;
}

std::vector<std::string> parse_addresses(std::string_view json) {
    std::vector<std::string> addresses;
    const Json answer = Json::parse(json, nullptr, false);
    if (!answer.is_object() || !answer.contains("instances")) return addresses;
    for (const Json& instance : answer["instances"]) {
        if (!instance.is_object() || text_of(instance, "state") != "running") continue;
        const auto port = instance.find("port");
        if (port == instance.end() || !port->is_number_integer()) continue;
        addresses.push_back(text_of(instance, "instance") +
                            " answers at http://127.0.0.1:" + std::to_string(port->get<int>()));
    }
    return addresses;
}

Result<EventOfInstance> parse_event(std::string_view json) {
    const Json event = Json::parse(json, nullptr, false);
    if (!event.is_object() || !event.contains("to")) return Error{"this is no transition"};
    return EventOfInstance{text_of(event, "time"), text_of(event, "app"),
                           text_of(event, "instance"), text_of(event, "to"),
                           text_of(event, "reason")};
}

}  // namespace reeve::cli
