#include "fuzz/target.h"
#include "link/scribe_protocol.h"

/// The first byte is the message's type, the rest its payload.
FUZZ_TARGET(scribe_message) {
    using namespace reeve::link;
    if (size == 0) return 0;
    Message message;
    message.type = data[0];
    message.payload = reeve::fuzz::as_text(data + 1, size - 1);
    const auto reply = decode_reply(message);
    if (reply.ok() && !std::holds_alternative<UnknownMessage>(*reply)) {
        const auto again = decode_reply(encode(*reply));
        CHECK(again.ok() && again->index() == reply->index());
    }
    auto request = decode_request(std::move(message));
    if (!request.ok()) CHECK(!request.error().message.empty());
    return 0;
}
