#include "os/limit_name.h"

#include <sys/resource.h>

#include <gtest/gtest.h>

namespace reeve::os {
namespace {

TEST(LimitNameTest, IsTheOneThatShellsHave) {
    EXPECT_EQ(limit_name(RLIMIT_CPU), "cpu");
    EXPECT_EQ(limit_name(RLIMIT_NOFILE), "nofile");
    EXPECT_EQ(limit_name(RLIMIT_RTTIME), "rttime");
    EXPECT_EQ(limit_name(99), "resource 99");
}

}  // namespace
}  // namespace reeve::os
