#include "drivers/pid_commands.h"

#include <gtest/gtest.h>

namespace reeve::drivers {
namespace {

TEST(PidCommandsTest, OneNumberIsAPid) {
    EXPECT_EQ(pid_in("812\n"), 812);
    EXPECT_EQ(pid_in(" 812 "), 812);
}

TEST(PidCommandsTest, AnythingElseIsNone) {
    for (const char* output :
         {"", "812 813\n", "812\n813\n", "none", "0", "1", "-5", "99999999999"})
        EXPECT_EQ(pid_in(output), std::nullopt) << output;
}

}  // namespace
}  // namespace reeve::drivers
