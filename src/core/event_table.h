#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/bytes.h"
#include "core/event.h"
#include "core/event_matcher.h"
#include "core/turn.h"
#include "spec/named_event.h"

namespace reeve::core {

/// Events on their way at one time; more from outside are refused. Those that jobs themselves
/// announce come on top: there are never more of them than changes of their states.
inline constexpr std::size_t kEventsMax = 65'536;
/// Operations that wait for the end of an event; more are refused, so that others find room.
inline constexpr std::size_t kWaitingEmitsMax = 512;

/// Events told of in one turn; what is more waits for this long, so that jobs that start each other
/// in a circle leave room for everything else.
inline constexpr std::size_t kEventsPerTurn = 256;
inline constexpr Duration kEventPause = 10ms;
/// Events of sequences that wait for their turn; more are dropped.
inline constexpr std::size_t kSequenceMax = 1000;
/// How long one event of a sequence can hold up the next.
inline constexpr Duration kSequencePatience = 10s;
/// How long a shutdown waits for those who were told of it.
inline constexpr Duration kFarewellPatience = 60s;

/// An event from its emission until nobody holds it any more.
struct HeldEvent {
    EventId id = 0;
    spec::NamedEvent event;
    SharedCause cause;
    OperationId operation = 0;  // that waits for its end; 0: none
    InstanceId announcer = 0;   // the job that goes on at its end; 0: none
    bool failed = false;        // what it started or stopped failed

    enum class Progress { Pending, Handling, Held };
    Progress progress = Progress::Pending;
    std::uint32_t holders = 0;  // not journalled: leaves and jobs know what they hold
    bool journalled = false;
};

/// Every event on its way. First come, first handled.
/// Source: upstart init/event.c, event_poll.
class EventTable {
public:
    /// Takes in an event that nobody was told of yet.
    EventId add(HeldEvent event);

    const HeldEvent* find(EventId id) const;
    const HeldEvent& at(EventId id) const { return events_.at(id); }

    /// One more, or one less, leaf or job holds it. With the last one it is over.
    void hold(EventId id) { ++events_.at(id).holders; }
    void release(EventId id, bool failed);

    /// The next event to tell everybody of; say `handled` when that is done.
    std::optional<EventId> take_pending();
    void handled(EventId id);

    /// An event that is over; the table has forgotten it.
    std::optional<HeldEvent> take_over();

    bool has_pending() const { return !pending_.empty(); }
    bool is_full() const { return events_.size() >= kEventsMax; }
    bool has_room_for_waiting() const { return waiting_ < kWaitingEmitsMax; }
    std::size_t size() const { return events_.size(); }

    /// Events whose records are out of date since the last call: written anew, or erased.
    std::vector<EventId> take_changed();
    void write(EventId id, ByteWriter& writer) const;
    /// Takes in what `write` wrote; holders are to be counted again. False: it cannot be read.
    bool read(ByteReader& reader);
    std::vector<EventId> ids() const;
    EventId last_id() const { return last_id_; }
    void restore_last_id(EventId id) { last_id_ = id; }

private:
    void end_if_free(HeldEvent& event);

    std::map<EventId, HeldEvent> events_;
    std::set<EventId> pending_;
    std::deque<HeldEvent> over_;
    std::set<EventId> changed_;
    EventId last_id_ = 0;
    std::size_t waiting_ = 0;
};

}  // namespace reeve::core
