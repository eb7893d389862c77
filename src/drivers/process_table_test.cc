#include "drivers/process_table.h"

#include <unistd.h>

#include <algorithm>
#include <gtest/gtest.h>

namespace reeve::drivers {
namespace {

os::ProcessStat process(pid_t parent, std::uint64_t start, std::int64_t cpu, std::uint64_t pages) {
    os::ProcessStat stat;
    stat.parent = parent;
    stat.start_ticks = start;
    stat.cpu_ticks = cpu;
    stat.resident_pages = pages;
    return stat;
}

ProcessTable small_table() {
    return ProcessTable({{10, process(1, 0, 500, 3)},
                         {11, process(10, 900, 50, 2)},
                         {12, process(11, 990, 0, 1)},
                         {20, process(1, 0, 0, 99)}},
                        1000);
}

TEST(ProcessTableTest, CountsAProcessWithAllThatDescendFromIt) {
    ProcessTable table = small_table();
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    EXPECT_EQ(table.usage_of({10}).resident_bytes, 3 * page);
    const Usage all = table.usage_of(table.with_descendants(10));
    EXPECT_EQ(all.resident_bytes, 6 * page);
    EXPECT_EQ(all.cpu_ticks.size(), 3U);
    // 500 of 1000 ticks, 50 of 100, none of 10.
    EXPECT_DOUBLE_EQ(all.lifetime_percent, 100.0);
}

TEST(ProcessTableTest, WhatHasGoneUsesNothing) {
    ProcessTable table = small_table();
    EXPECT_TRUE(table.with_descendants(99).empty());
    EXPECT_EQ(table.usage_of({99}).resident_bytes, 0U);
    EXPECT_EQ(table.age_ticks(99), 0);
    EXPECT_EQ(table.age_ticks(11), 100);
}

TEST(ProcessTableTest, ACircleOfParentsEnds) {
    ProcessTable circle({{5, process(6, 0, 0, 1)}, {6, process(5, 0, 0, 1)}}, 10);
    EXPECT_LE(circle.with_descendants(5).size(), 4U);
}

TEST(ProcessTableTest, SeesThisProcess) {
    ProcessTable now(0);
    ASSERT_NE(now.find(::getpid()), nullptr);
    EXPECT_GT(now.usage_of({::getpid()}).resident_bytes, 0U);
    const std::vector<pid_t> family = now.with_descendants(::getppid());
    EXPECT_NE(std::find(family.begin(), family.end(), ::getpid()), family.end());
}

}  // namespace
}  // namespace reeve::drivers
