#include "os/group_limits.h"

#include <gtest/gtest.h>

namespace reeve::os {
namespace {

using Kind = GroupLimit::Kind;

TEST(GroupLimitsTest, AreToldInPlainUnits) {
    EXPECT_EQ(to_text(GroupLimit{Kind::MemoryMax, 64 * 1024 * 1024}), "memory 64 MiB");
    EXPECT_EQ(to_text(GroupLimit{Kind::MemoryMax, 100'001}), "memory 100001 bytes");
    EXPECT_EQ(to_text(GroupLimit{Kind::Cpu, 5'000}), "cpu 50 %");
    EXPECT_EQ(to_text(GroupLimit{Kind::Cpu, 1'205}), "cpu 12.05 %");
    EXPECT_EQ(to_text(GroupLimit{Kind::Processes, 9}), "processes 9");
}

TEST(GroupLimitsTest, AKillForMemoryIsReadFromBothVersions) {
    EXPECT_EQ(oom_kills_in("low 0\nhigh 0\nmax 3\noom 1\noom_kill 2\n"), 2U);
    EXPECT_EQ(oom_kills_in("oom_kill_disable 0\nunder_oom 0\noom_kill 1\n"), 1U);
    EXPECT_EQ(oom_kills_in("oom_kill 0\n"), 0U);
    EXPECT_EQ(oom_kills_in(""), 0U);
}

}  // namespace
}  // namespace reeve::os
