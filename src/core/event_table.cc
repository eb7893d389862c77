#include "core/event_table.h"

#include <utility>

#include "base/check.h"
#include "core/codec.h"
#include "core/job_life.h"

namespace reeve::core {

EventId EventTable::add(HeldEvent event) {
    event.id = ++last_id_;
    if (event.operation != 0) ++waiting_;
    pending_.insert(event.id);
    changed_.insert(event.id);
    events_.emplace(event.id, std::move(event));
    return last_id_;
}

const HeldEvent* EventTable::find(EventId id) const {
    const auto found = events_.find(id);
    return found == events_.end() ? nullptr : &found->second;
}

void EventTable::release(EventId id, bool failed) {
    HeldEvent& event = events_.at(id);
    CHECK(event.holders > 0);
    --event.holders;
    if (failed && !std::exchange(event.failed, true)) changed_.insert(id);
    end_if_free(event);
}

std::optional<EventId> EventTable::take_pending() {
    if (pending_.empty()) return std::nullopt;
    const EventId id = *pending_.begin();
    pending_.erase(pending_.begin());
    events_.at(id).progress = HeldEvent::Progress::Handling;
    changed_.insert(id);
    return id;
}

void EventTable::handled(EventId id) {
    HeldEvent& event = events_.at(id);
    event.progress = HeldEvent::Progress::Held;
    end_if_free(event);
}

void EventTable::end_if_free(HeldEvent& event) {
    if (event.holders > 0 || event.progress != HeldEvent::Progress::Held) return;
    const EventId id = event.id;
    if (event.operation != 0) --waiting_;
    if (event.journalled) {
        changed_.insert(id);
    } else {
        changed_.erase(id);
    }
    over_.push_back(std::move(event));
    events_.erase(id);
}

std::optional<HeldEvent> EventTable::take_over() {
    if (over_.empty()) return std::nullopt;
    HeldEvent event = std::move(over_.front());
    over_.pop_front();
    return event;
}

std::vector<EventId> EventTable::take_changed() {
    std::vector<EventId> changed(changed_.begin(), changed_.end());
    changed_.clear();
    for (const EventId id : changed) {
        const auto found = events_.find(id);
        if (found != events_.end()) found->second.journalled = true;
    }
    return changed;
}

void EventTable::write(EventId id, ByteWriter& writer) const {
    const HeldEvent& event = events_.at(id);
    CHECK(event.progress != HeldEvent::Progress::Handling);
    writer.number(event.id);
    writer.text(event.event.name);
    write_variables(writer, event.event.variables);
    write_cause(writer, *event.cause);
    writer.number(event.operation);
    writer.number(event.announcer);
    writer.flag(event.failed);
    writer.flag(event.progress == HeldEvent::Progress::Pending);
}

bool EventTable::read(ByteReader& reader) {
    HeldEvent event;
    event.id = reader.number();
    event.event.name = reader.text();
    event.event.variables = read_variables(reader);
    event.cause = std::make_shared<status::Cause>(read_cause(reader));
    event.operation = reader.number();
    event.announcer = static_cast<InstanceId>(reader.number());
    event.failed = reader.flag();
    const bool pending = reader.flag();
    if (!reader.finished()) return false;
    event.journalled = true;
    if (event.operation != 0) ++waiting_;
    if (pending) {
        pending_.insert(event.id);
    } else {
        event.progress = HeldEvent::Progress::Held;
    }
    events_.emplace(event.id, std::move(event));
    return true;
}

std::vector<EventId> EventTable::ids() const {
    std::vector<EventId> ids;
    for (const auto& [id, event] : events_)
        ids.push_back(id);
    return ids;
}

}  // namespace reeve::core
