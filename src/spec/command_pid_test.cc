#include "spec/command_pid.h"

#include <gtest/gtest.h>

namespace reeve::spec {
namespace {

TEST(CommandPidTest, TheNumberStandsInEveryWordThatAsksForIt) {
    const Command kill = DirectCommand{{"kill", "-QUIT", "{{PID}}", "-{{PID}}{{PID}}"}};
    EXPECT_EQ(to_text(with_pid(kill, 42)), "kill -QUIT 42 -4242");
    EXPECT_EQ(to_text(with_pid(ShellCommand{"kill {{PID}} || true", Shell::Sh}, 42)),
              to_text(ShellCommand{"kill 42 || true", Shell::Sh}));
}

TEST(CommandPidTest, WithoutAProcessNothingStandsThere) {
    EXPECT_EQ(with_pid(DirectCommand{{"echo", "<{{PID}}>"}}, 0),
              Command(DirectCommand{{"echo", "<>"}}));
}

}  // namespace
}  // namespace reeve::spec
