#include "core/event_table.h"

#include <gtest/gtest.h>

namespace reeve::core {
namespace {

HeldEvent event(const std::string& name) {
    HeldEvent held;
    held.event.name = name;
    held.cause = std::make_shared<status::Cause>();
    return held;
}

TEST(EventTableTest, AnEventThatNobodyHoldsIsOverAtOnce) {
    EventTable table;
    const EventId id = table.add(event("a"));
    EXPECT_FALSE(table.take_over());
    EXPECT_EQ(table.take_pending(), id);
    table.handled(id);
    EXPECT_EQ(table.take_over()->event.name, "a");
    EXPECT_EQ(table.size(), 0U);
    EXPECT_TRUE(table.take_changed().empty());  // the journal never saw it
}

TEST(EventTableTest, TheLastHolderEndsIt) {
    EventTable table;
    const EventId id = table.add(event("a"));
    table.take_pending();
    table.hold(id);
    table.hold(id);
    table.release(id, false);
    table.hold(id);
    table.handled(id);
    EXPECT_FALSE(table.take_over());
    table.release(id, true);
    EXPECT_FALSE(table.take_over());
    table.release(id, false);
    EXPECT_TRUE(table.take_over()->failed);
}

TEST(EventTableTest, IsNotOverWhileItIsBeingTold) {
    EventTable table;
    const EventId id = table.add(event("a"));
    table.take_pending();
    table.hold(id);
    table.release(id, false);
    EXPECT_FALSE(table.take_over());
    table.handled(id);
    EXPECT_TRUE(table.take_over());
}

TEST(EventTableTest, IsToldInTheOrderOfItsComing) {
    EventTable table;
    const EventId first = table.add(event("a"));
    const EventId second = table.add(event("b"));
    EXPECT_EQ(table.take_pending(), first);
    EXPECT_EQ(table.take_pending(), second);
    EXPECT_FALSE(table.take_pending());
}

TEST(EventTableTest, ComesBackFromTheJournal) {
    EventTable table;
    HeldEvent held = event("a");
    held.event.variables = {{"KEY", "1"}};
    held.operation = 5;
    held.announcer = 3;
    const EventId id = table.add(held);
    const EventId pending = table.add(event("b"));
    table.take_pending();
    table.hold(id);
    table.handled(id);
    EXPECT_EQ(table.take_changed(), (std::vector<EventId>{id, pending}));
    EventTable copy;
    for (const EventId each : table.ids()) {
        ByteWriter writer;
        table.write(each, writer);
        ByteReader reader(writer.bytes());
        ASSERT_TRUE(copy.read(reader));
    }
    EXPECT_EQ(copy.at(id).event, held.event);
    EXPECT_EQ(copy.at(id).operation, 5U);
    EXPECT_EQ(copy.at(id).announcer, 3U);
    EXPECT_EQ(copy.take_pending(), pending);
    copy.hold(id);
    copy.release(id, false);
    EXPECT_EQ(copy.take_over()->id, id);
    EXPECT_EQ(copy.take_changed(), (std::vector<EventId>{id, pending}));
}

TEST(EventTableTest, HasRoomForSoManyThatWait) {
    EventTable table;
    for (std::size_t i = 0; i < kWaitingEmitsMax; ++i) {
        EXPECT_TRUE(table.has_room_for_waiting());
        HeldEvent held = event("a");
        held.operation = i + 1;
        table.add(held);
    }
    EXPECT_FALSE(table.has_room_for_waiting());
    EXPECT_FALSE(table.is_full());
}

}  // namespace
}  // namespace reeve::core
