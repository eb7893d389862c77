#include "api/reply.h"
#include "api/request.h"
#include "fuzz/target.h"

FUZZ_TARGET(operation_json) {
    using namespace reeve::api;
    const std::string_view text = reeve::fuzz::as_text(data, size);
    const auto request = operation_request_from_json(text);
    if (request.ok()) {
        const std::string json = to_json(*request);
        const auto again = operation_request_from_json(json);
        CHECK(again.ok() && to_json(*again) == json);
    } else {
        CHECK(!request.error().message.empty());
    }
    const auto reply = operation_reply_from_json(text);
    if (reply.ok()) CHECK(operation_reply_from_json(to_json(*reply)).ok());
    return 0;
}
