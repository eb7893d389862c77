#include <algorithm>

#include "core/manager_impl.h"

// When checks ask, and what those that fired want of the manager. Restarts go through the roll-out
// of the service, so that checks never take down more of its instances than may be.
namespace reeve::core {

bool Manager::only_asked(const std::vector<Event>& events, const Actions& actions) {
    const auto is_time = [](const Event& e) { return std::holds_alternative<TimePassed>(e); };
    const auto asks = [](const Action& a) { return std::holds_alternative<SampleCheck>(a); };
    return !actions.empty() && std::all_of(events.begin(), events.end(), is_time) &&
           std::all_of(actions.begin(), actions.end(), asks);
}

void Manager::Impl::follow_check(Turn& turn, Member& member, const CheckWish& wish) {
    switch (wish.kind) {
        case CheckWish::Kind::Restart:
            return restart_for_check(turn, member, wish);
        case CheckWish::Kind::Stop:
            member.life.stop(turn, wish.cause, wish.reason);
            return persist_formations(turn, {&member});
        case CheckWish::Kind::Unmonitor:
            member.life.unmonitor(turn, wish.cause);
            return persist_formations(turn, {&member});
        case CheckWish::Kind::Recovered:
            if (member.rolling == Rolling::Todo && member.by_check && member.waits.empty()) {
                finish_rolling(turn, member, Rolling::None, std::nullopt);
            }
            return;
    }
}

void Manager::Impl::restart_for_check(Turn& turn, Member& member, const CheckWish& wish) {
    const bool may_begin = member.rolling == Rolling::None || member.rolling == Rolling::Done;
    if (turn.shutting_down || !may_begin || !member.life.is_serving() ||
        member.life.is_replacing()) {
        return;
    }
    const ServiceState& service = service_of(member);
    std::size_t failing = 1;
    for (const auto& [key, other] : service.members) {
        if (other.get() != &member && other->by_check) ++failing;
    }
    std::string reason = wish.reason;
    if (failing > 1 && failing == service.members.size()) {
        reason += "; common cause: all " + std::to_string(failing) + " instances fail";
    }
    begin_rolling(member, wish.cause, reason);
    member.by_check = true;
}

}  // namespace reeve::core
