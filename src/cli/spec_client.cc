#include "cli/spec_client.h"

#include "api/client.h"
#include "api/reply.h"

namespace reeve::cli {

Result<std::optional<spec::App>> fetch_spec(const Context& context, const std::string& app) {
    const std::string path = "/v1/spec?app=" + api::escape_query(app);
    const api::ClientResponse answer = TRY(context.client().send({"GET", path, ""}, {}, nullptr));
    if (answer.status == 404) return std::optional<spec::App>();
    if (answer.status != 200) {
        const auto reply = api::operation_reply_from_json(answer.body);
        return Error{reply ? reply->message : answer.body};
    }
    return std::optional<spec::App>(TRY(spec::app_from_json(answer.body)));
}

}  // namespace reeve::cli
