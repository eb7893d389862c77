#include <unistd.h>

#include <algorithm>
#include <string>

#include "drivers/keeper_client.h"
#include "fuzz/target.h"
#include "link/keeper_protocol.h"

using reeve::drivers::KeeperClient;
using reeve::link::Channel;
using reeve::link::Message;

/// Whatever a keeper says first: reeved takes it or refuses it with a reason. The input is a list
/// of messages: a byte for the type, one for the length, then as many bytes of payload.
FUZZ_TARGET(keeper_greeting) {
    auto ends = reeve::link::make_link();
    CHECK(ends.ok());
    {
        Channel keeper(std::move(ends->first));
        constexpr std::size_t kMessagesMax = 64;
        std::size_t at = 0;
        for (std::size_t sent = 0; at + 2 <= size && sent < kMessagesMax; ++sent) {
            Message message;
            message.type = data[at];
            const std::size_t length = std::min<std::size_t>(data[at + 1], size - at - 2);
            message.payload.assign(reinterpret_cast<const char*>(data) + at + 2, length);
            at += 2 + length;
            if (!keeper.send(std::move(message))) break;
        }
        (void)keeper.flush();  // what does not fit any more is not said
    }
    KeeperClient client(std::move(ends->second), ::getpid());
    const auto greeting = client.receive_greeting();
    if (greeting) {
        CHECK(reeve::link::is_understood(greeting->version));
    } else {
        CHECK(!greeting.error().message.empty());
    }
    return 0;
}
