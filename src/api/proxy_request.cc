#include "api/proxy_request.h"

#include <nlohmann/json.hpp>

#include "api/json_writer.h"

namespace reeve::api {

std::string_view to_text(ProxyAct act) {
    switch (act) {
        case ProxyAct::Build:
            return "build";
        case ProxyAct::Clear:
            return "clear";
    }
    return "build";
}

std::optional<ProxyAct> proxy_act_from_text(std::string_view text) {
    for (const ProxyAct act : {ProxyAct::Build, ProxyAct::Clear}) {
        if (to_text(act) == text) return act;
    }
    return std::nullopt;
}

std::string to_json(const ProxyView& view) {
    JsonWriter json;
    json.begin_object();
    json.member_flag("enabled", view.enabled);
    json.member("path", view.path);
    json.member("config", view.config);
    json.member("problem", view.problem);
    json.end_object();
    return json.take() + "\n";
}

Result<ProxyView> proxy_view_from_json(std::string_view text) {
    using Json = nlohmann::json;
    const Json object = Json::parse(text, nullptr, false);
    if (!object.is_object()) return Error{"the answer is not a JSON object"};
    const auto text_of = [&object](const char* name) {
        const auto found = object.find(name);
        return found != object.end() && found->is_string() ? found->get<std::string>() : "";
    };
    ProxyView view;
    view.enabled = object.value("enabled", Json(false)) == Json(true);
    view.path = text_of("path");
    view.config = text_of("config");
    view.problem = text_of("problem");
    return view;
}

}  // namespace reeve::api
