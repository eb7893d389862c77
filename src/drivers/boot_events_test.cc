#include "drivers/boot_events.h"

#include <gtest/gtest.h>

namespace reeve::drivers {
namespace {

TEST(BootEventsTest, ReadsMounts) {
    const auto events = mounted_events(
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
        "23 22 0:5 / /mnt/a\\040b rw master:1 shared:2 - tmpfs none rw\n"
        "24 22 0:6 / /proc ro - proc proc rw\n"
        "nonsense\n"
        "25 22 0:6 / /x rw\n");
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(to_text(events[0]),
              "mounted MOUNTPOINT=/ TYPE=ext4 DEVICE=/dev/sda1 OPTIONS=rw,relatime");
    EXPECT_EQ(*spec::find_variable(events[1].variables, "MOUNTPOINT"), "/mnt/a b");
    EXPECT_EQ(*spec::find_variable(events[2].variables, "TYPE"), "proc");
}

TEST(BootEventsTest, TellsABootInItsOrder) {
    std::string names;
    for (const auto& event : boot_sequence({{"mounted", {}}}, {{"net-device-up", {}}}))
        names += event.name + " ";
    EXPECT_EQ(names,
              "startup mounted virtual-filesystems local-filesystems remote-filesystems all-swaps "
              "filesystem net-device-up runlevel ");
    EXPECT_EQ(to_text(boot_sequence({}, {}).back()), "runlevel RUNLEVEL=2 PREVLEVEL=N");
}

TEST(BootEventsTest, TellsOfTheEnd) {
    ASSERT_EQ(farewell_events(false).size(), 1U);
    EXPECT_EQ(to_text(farewell_events(false).back()), "runlevel RUNLEVEL=0 PREVLEVEL=2");
    ASSERT_EQ(farewell_events(true).size(), 2U);
    EXPECT_EQ(to_text(farewell_events(true).back()), "session-end TYPE=shutdown");
}

}  // namespace
}  // namespace reeve::drivers
