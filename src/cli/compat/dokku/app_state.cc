#include "cli/compat/dokku/app_state.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/client.h"
#include "api/reply.h"

namespace reeve::cli::compat::dokku {
namespace {

using Json = nlohmann::json;

std::string text_of(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::int64_t number_of(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

std::string run_of(const Json& instance) {
    for (const Json& run : instance.value("runs", Json::array())) {
        if (run.is_object() && text_of(run, "role") == "main") return text_of(run, "id");
    }
    return "";
}

InstanceState read_instance(const Json& object) {
    InstanceState instance;
    instance.service = text_of(object, "service");
    instance.name = text_of(object, "instance");
    instance.state = text_of(object, "state");
    instance.goal = text_of(object, "goal");
    instance.reason = text_of(object, "reason");
    instance.run = run_of(object);
    instance.since = text_of(object, "since");
    instance.log = text_of(object, "log");
    instance.pid = static_cast<int>(number_of(object, "pid"));
    instance.port = static_cast<int>(number_of(object, "port"));
    instance.restarts = number_of(object, "restarts");
    return instance;
}

void read_app(const Json& object, AppState& state) {
    state.deployed = true;
    state.scale_is_fixed = object.value("formation_fixed", Json(false)) == Json(true);
    state.directory = text_of(object, "directory");
    for (const Json& type : object.value("formation", Json::array())) {
        if (!type.is_object()) continue;
        state.types.push_back({text_of(type, "service"),
                               static_cast<std::uint32_t>(number_of(type, "wanted")),
                               static_cast<std::uint32_t>(number_of(type, "running"))});
    }
}

}  // namespace

const TypeState* AppState::find_type(std::string_view name) const {
    const auto found = std::find_if(types.begin(), types.end(),
                                    [&](const TypeState& type) { return type.name == name; });
    return found == types.end() ? nullptr : &*found;
}

std::string AppState::running() const {
    const auto count =
        std::count_if(instances.begin(), instances.end(),
                      [](const InstanceState& one) { return one.state == "running"; });
    if (count == 0) return "false";
    return static_cast<std::size_t>(count) == instances.size() ? "true" : "mixed";
}

Result<AppState> app_state_from_json(std::string_view json, const std::string& app) {
    const Json answer = Json::parse(json, nullptr, false);
    if (!answer.is_object()) return Error{"the daemon's status is not understood"};
    AppState state;
    for (const Json& one : answer.value("apps", Json::array())) {
        if (one.is_object() && text_of(one, "name") == app) read_app(one, state);
    }
    for (const Json& one : answer.value("instances", Json::array())) {
        if (one.is_object() && text_of(one, "app") == app)
            state.instances.push_back(read_instance(one));
    }
    return state;
}

Result<AppState> fetch_app_state(const Session& session, const std::string& app) {
    const std::string path = "/v1/status?format=json&target=" + api::escape_query(app);
    const api::ClientResponse answer =
        TRY(session.context.client().send({"GET", path, ""}, {}, nullptr));
    if (answer.status == 404) return AppState{};
    if (answer.status != 200) {
        const auto reply = api::operation_reply_from_json(answer.body);
        return Error{reply ? reply->message : answer.body};
    }
    return app_state_from_json(answer.body, app);
}

std::string docker_word(const InstanceState& instance) {
    if (instance.state == "running" || instance.state == "stopping") return "running";
    if (instance.state == "starting" || instance.state == "waiting") return "created";
    if (instance.state == "backoff" || instance.state == "crash-looping") return "restarting";
    return instance.state == "stuck" ? "dead" : "exited";
}

}  // namespace reeve::cli::compat::dokku
