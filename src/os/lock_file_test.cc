#include "os/lock_file.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace reeve::os {
namespace {

TEST(LockFileTest, OneHoldsItUntilItsDescriptorIsClosed) {
    char directory[] = "/tmp/reeve-lock-XXXXXX";
    ASSERT_NE(::mkdtemp(directory), nullptr);
    Paths paths;
    paths.state_dir = directory;
    const std::string path = cron_lock_path(paths, "4711");
    {
        const auto first = take_lock_file(path);
        ASSERT_TRUE(first.ok()) << first.error().message;
        const auto second = take_lock_file(path);
        ASSERT_FALSE(second.ok());
        EXPECT_EQ(second.error().code, EWOULDBLOCK);
    }
    EXPECT_TRUE(take_lock_file(path).ok());
    ::unlink(path.c_str());
    ::rmdir(directory);
}

}  // namespace
}  // namespace reeve::os
