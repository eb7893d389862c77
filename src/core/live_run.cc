#include "core/live_run.h"

#include <signal.h>

#include "base/check.h"

namespace reeve::core {

Deadline LiveRun::deadline() const {
    Deadline result = ending ? ending->deadline() : patience_ends;
    if (const RunSpawning* spawning = std::get_if<RunSpawning>(&state)) {
        result = earliest(result, spawning->overdue_at);
    }
    if (!ending) result = earliest(result, checks.deadline());
    return result;
}

Duration LiveRun::lived(TimePoint now) const {
    const RunAlive* alive = std::get_if<RunAlive>(&state);
    return alive == nullptr ? Duration{} : now - alive->since;
}

void LiveRun::begin_ending(Turn& turn) {
    if (ending && ending->is_retiring()) {
        ending->hasten(turn.now);
        return step_ending(turn);
    }
    begin(turn, Duration{});
}

void LiveRun::retire(Turn& turn) {
    begin(turn, service->rollout.retire_wait);
}

void LiveRun::begin(Turn& turn, Duration patience) {
    CHECK(!is_queued());
    if (ending || is_looking()) return;  // what is found will be ended
    if (const RunForked* forked = std::get_if<RunForked>(&state)) leave_others(turn, forked->exit);
    const spec::StopSpec& stop = service->stop;
    if (has_ended()) {
        ending = StopEscalation::ladder_until(stop, turn.now + stop.leftovers_wait);
    } else if (is_alive()) {
        ending = patience > Duration{} ? StopEscalation::retirement(stop, patience)
                                       : StopEscalation::ladder(stop);
    } else {
        ending = StopEscalation::kill(stop);
    }
    send_next(turn);
}

void LiveRun::kill(Turn& turn) {
    CHECK(!is_queued());
    if (is_looking() || (ending && ending->killing())) return;
    if (const RunForked* forked = std::get_if<RunForked>(&state)) leave_others(turn, forked->exit);
    ending = StopEscalation::kill(service->stop);
    send_next(turn);
}

void LiveRun::leave_others(Turn& turn, status::Exit exit) {
    state = RunEnded{exit};
    turn.out.push_back(WatchEmpty{id});
    if (!ending || ending->killing() || service->stop.scope == spec::SignalScope::All) return;
    // So far only the main process was asked to go; the others hear of it now.
    ending.reset();
    begin_ending(turn);
}

void LiveRun::step_ending(Turn& turn) {
    while (ending && ending->deadline() && *ending->deadline() <= turn.now)
        send_next(turn);
}

void LiveRun::send_next(Turn& turn) {
    const int signal = ending->next_signal(turn.now);
    if (signal == SIGKILL) {
        turn.out.push_back(KillRun{id});
        return;
    }
    const spec::SignalScope scope = has_ended() ? spec::SignalScope::All : service->stop.scope;
    turn.out.push_back(SignalRun{id, signal, scope});
}

}  // namespace reeve::core
