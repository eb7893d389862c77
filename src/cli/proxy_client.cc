#include "cli/proxy_client.h"

#include "api/reply.h"
#include "cli/context.h"

namespace reeve::cli {
namespace {

Result<std::string> send(const Context& context, const std::string& method,
                         const std::string& query) {
    api::ClientPatience patience;
    patience.answer = context.timeout;
    const api::ClientResponse response =
        TRY(context.client().send({method, "/v1/proxy?" + query, ""}, patience, nullptr));
    if (response.status == 200) return response.body;
    const auto reply = api::operation_reply_from_json(response.body);
    return Error{reply ? reply->message : response.body};
}

}  // namespace

Result<api::ProxyView> fetch_proxy(const Context& context, const std::string& app) {
    return api::proxy_view_from_json(TRY(send(context, "GET", "app=" + api::escape_query(app))));
}

Result<void> change_proxy(const Context& context, const std::string& app, api::ProxyAct act) {
    const std::string query =
        "app=" + api::escape_query(app) + "&act=" + std::string(api::to_text(act));
    const std::string body = TRY(send(context, "POST", query));
    const api::OperationReply reply = TRY(api::operation_reply_from_json(body));
    if (reply.code == api::Code::Done) return {};
    return Error{reply.message};
}

}  // namespace reeve::cli
