#include "api/proxy_endpoints.h"

namespace reeve::api {
namespace {

Response json_answer(std::string body) {
    Response response{200, "application/json", {}, std::move(body)};
    response.headers["Reeve-Code"] = to_text(Code::Done);
    return response;
}

}  // namespace

Response answer_spec(const ProxyBackend& backend, const HttpRequestHead& head) {
    const std::string app = query_value(head, "app").value_or("");
    const std::string spec = backend.spec_json(app);
    if (spec.empty()) return refusal(Code::NoSuchTarget, "no app is named " + app);
    return json_answer(spec);
}

Response answer_proxy(const ProxyBackend& backend, const HttpRequestHead& head) {
    const auto app = query_value(head, "app");
    if (!app) return refusal(Code::Invalid, "app is missing");
    return json_answer(to_json(backend.proxy(*app)));
}

Result<ProxyQuery> read_proxy_query(const HttpRequestHead& head) {
    const auto app = query_value(head, "app");
    const auto act = proxy_act_from_text(query_value(head, "act").value_or(""));
    if (!app || app->empty() || !act) return Error{"app and act=build|clear are needed", 400};
    return ProxyQuery{*app, *act};
}

}  // namespace reeve::api
