#include "os/lock_file.h"

#include <errno.h>

#include <gtest/gtest.h>

#include "base/test_directory.h"

namespace reeve::os {
namespace {

TEST(LockFileTest, OneHoldsItUntilItsDescriptorIsClosed) {
    const TestDirectory directory;
    Paths paths;
    paths.state_dir = directory.path();
    const std::string path = cron_lock_path(paths, "4711");
    {
        const auto first = take_lock_file(path);
        ASSERT_TRUE(first.ok()) << first.error().message;
        const auto second = take_lock_file(path);
        ASSERT_FALSE(second.ok());
        EXPECT_EQ(second.error().code, EWOULDBLOCK);
    }
    EXPECT_TRUE(take_lock_file(path).ok());
}

}  // namespace
}  // namespace reeve::os
