#include "daemon/cron_id.h"

#include <gtest/gtest.h>

namespace reeve::daemon {
namespace {

TEST(CronIdTest, IsTheTextInBase36) {
    // Of "a===c===b", as Python works it out.
    EXPECT_EQ(cron_id("a", "c", "b"), "aik1qhfjc7ik4i");
    EXPECT_NE(cron_id("a", "c", "b"), cron_id("b", "c", "a"));
}

}  // namespace
}  // namespace reeve::daemon
