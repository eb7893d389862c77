#include "api/follower.h"

#include <algorithm>
#include <utility>

#include "api/json_writer.h"
#include "api/status_json.h"
#include "api/status_text.h"

namespace reeve::api {
namespace {

constexpr std::size_t kKeptBackMax = 10'000;

std::string dropped_line(std::uint64_t count, const EventFormat& format) {
    if (!format.json) {
        return "(" + std::to_string(count) + " events were left out: the reader is too slow)\n";
    }
    JsonWriter json;
    json.begin_object();
    json.member_number("dropped", static_cast<std::int64_t>(count));
    json.end_object();
    return json.take() + "\n";
}

}  // namespace

std::string event_line(const status::Transition& transition, const EventFormat& format) {
    if (!format.json) return transition_line(transition, format.style) + "\n";
    JsonWriter json;
    write_transition(json, transition);
    return json.take() + "\n";
}

Follower::Follower(Connection& connection, std::vector<spec::Target> targets, EventFormat format,
                   std::size_t buffered_bytes_max)
    : connection_(connection),
      targets_(std::move(targets)),
      format_(format),
      buffered_bytes_max_(buffered_bytes_max) {}

void Follower::publish(const status::Transition& transition) {
    const bool meant =
        targets_.empty() || std::any_of(targets_.begin(), targets_.end(), [&](const auto& target) {
            return spec::matches(target, transition.instance);
        });
    if (!meant) return;
    if (begun_) {
        send(transition);
    } else if (kept_back_.size() < kKeptBackMax) {
        kept_back_.push_back(transition);
    } else {
        ++dropped_;
    }
}

void Follower::begin(const std::vector<status::Transition>& history) {
    begun_ = true;
    for (const status::Transition& transition : history)
        send(transition);
    for (const status::Transition& transition : std::exchange(kept_back_, {}))
        send(transition);
}

void Follower::send(const status::Transition& transition) {
    if (connection_.buffered_bytes() > buffered_bytes_max_) {
        ++dropped_;
        return;
    }
    std::string text;
    if (dropped_ > 0) text = dropped_line(std::exchange(dropped_, 0), format_);
    connection_.send_piece(text + event_line(transition, format_));
}

}  // namespace reeve::api
