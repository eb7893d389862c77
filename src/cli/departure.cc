#include "cli/departure.h"

#include <poll.h>

#include "api/clock.h"
#include "cli/ask.h"

namespace reeve::cli {
namespace {

constexpr Duration kPatience = 30s;
constexpr int kDepartureLookMs = 5;

}  // namespace

bool wait_until_gone(const api::Client& client, Deadline until) {
    const TimePoint end = until.value_or(api::client_now() + kPatience);
    api::ClientPatience patience;
    patience.reconnect = 0s;
    while (api::client_now() < end) {
        patience.answer = end - api::client_now();
        const auto answer = client.send({"GET", "/v1/version", ""}, patience, nullptr);
        if (!answer && is_no_daemon(answer.error())) return true;
        ::poll(nullptr, 0, kDepartureLookMs);
    }
    return false;
}

}  // namespace reeve::cli
