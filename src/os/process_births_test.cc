#include "os/process_births.h"

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace reeve::os {
namespace {

TEST(ProcessBirthsTest, ReadsTheCountAndTheLatestNumber) {
    EXPECT_EQ(parse_birth_count("cpu  1 2\nintr 5 6\nctxt 9\nprocesses 4711\nprocs_running 2\n"),
              4711U);
    EXPECT_EQ(parse_latest_birth("4.00 2.71 2.44 6/127 7213\n"), 7213);
}

TEST(ProcessBirthsTest, ToldOtherwiseThereIsNone) {
    EXPECT_FALSE(parse_birth_count("cpu  1 2\n"));
    EXPECT_FALSE(parse_birth_count("cpu  1 2\nprocesses many\n"));
    EXPECT_FALSE(parse_latest_birth(""));
    EXPECT_FALSE(parse_latest_birth("0.00 0.00 0.00 1/2 -"));
}

TEST(ProcessBirthsTest, EachProcessIsCounted) {
    const std::optional<Births> before = read_births();
    ASSERT_TRUE(before);
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    ::waitpid(child, nullptr, 0);
    EXPECT_GT(read_births()->count, before->count);
    EXPECT_GT(read_births()->latest, 0);
    EXPECT_GT(read_pid_max(), 300);
}

}  // namespace
}  // namespace reeve::os
