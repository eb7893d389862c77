#include "drivers/notify_sockets.h"

#include <gtest/gtest.h>

namespace reeve::drivers {
namespace {

TEST(NotifySocketsTest, ReadsWhatSystemdNotifySays) {
    EXPECT_EQ(parse_notify("READY=1\nSTATUS=serving, 3 workers\nMAINPID=5"),
              (NotifyMessage{true, false, "serving, 3 workers"}));
    EXPECT_EQ(parse_notify("WATCHDOG=1\n"), (NotifyMessage{false, true, std::nullopt}));
    EXPECT_EQ(parse_notify("READY=0\nXREADY=1\nSTATUS="), (NotifyMessage{false, false, ""}));
    EXPECT_EQ(parse_notify(""), NotifyMessage{});
}

}  // namespace
}  // namespace reeve::drivers
