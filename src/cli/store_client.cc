#include "cli/store_client.h"

#include "api/reply.h"
#include "cli/ask.h"
#include "cli/launcher.h"

namespace reeve::cli {
namespace {

Result<std::string> send(const Context& context, const api::ClientRequest& request) {
    api::ClientPatience patience;
    patience.answer = context.timeout;
    const api::ClientResponse response = TRY(context.client().send(request, patience, nullptr));
    if (response.status == 200) return response.body;
    const auto reply = api::operation_reply_from_json(response.body);
    return Error{reply ? reply->message : response.body};
}

}  // namespace

Result<std::vector<std::string>> fetch_app_names(const Context& context) {
    return api::app_names_from_json(TRY(send(context, {"GET", "/v1/store", ""})));
}

Result<api::StoredRecords> fetch_records(const Context& context, const std::string& app) {
    const std::string path = "/v1/store?app=" + api::escape_query(app);
    return api::records_from_json(TRY(send(context, {"GET", path, ""})));
}

Result<void> change_store(const Context& context, api::StoreChange change) {
    if (change.command_line.empty()) change.command_line = context.command_line;
    const std::string body = TRY(send(context, {"POST", "/v1/store", api::to_json(change)}));
    const api::OperationReply reply = TRY(api::operation_reply_from_json(body));
    if (!reply.warning.empty()) print_warning(context, reply.warning);
    return {};
}

Result<void> make_sure_reeve_runs(const Context& context) {
    api::ClientPatience patience;
    const auto version = context.client().send({"GET", "/v1/version", ""}, patience, nullptr);
    if (version || !is_no_daemon(version.error())) return {};
    print_progress(context, "reeve: starting");
    const Result<void> launched = launch_detached(context);
    print_progress(context, "");
    return launched;
}

}  // namespace reeve::cli
