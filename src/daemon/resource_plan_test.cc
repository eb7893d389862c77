#include "daemon/resource_plan.h"

#include <gtest/gtest.h>

namespace reeve::daemon {
namespace {

TEST(ResourcePlanTest, ReadsMemoryAsDockerDoes) {
    EXPECT_EQ(parse_memory("512"), 536870912U);
    EXPECT_EQ(parse_memory("512MB"), 536870912U);
    EXPECT_EQ(parse_memory("512m"), 536870912U);
    EXPECT_EQ(parse_memory("1024b"), 1024U);
    EXPECT_EQ(parse_memory("2g"), std::uint64_t{2} << 30);
    EXPECT_FALSE(parse_memory("").has_value());
    EXPECT_FALSE(parse_memory("much").has_value());
    EXPECT_FALSE(parse_memory("-1").has_value());
    EXPECT_FALSE(parse_memory("99999999999999g").has_value());
}

TEST(ResourcePlanTest, ReadsProcessors) {
    EXPECT_EQ(parse_cpus("2"), 20'000U);
    EXPECT_EQ(parse_cpus("0.5"), 5'000U);
    EXPECT_FALSE(parse_cpus("0.x").has_value());
    EXPECT_FALSE(parse_cpus("-1").has_value());
}

TEST(ResourcePlanTest, ATypeGoesBeforeTheDefault) {
    const api::Records records = {{"resource/_default_.limit.memory", "512"},
                                  {"resource/_default_.limit.memory-swap", "768"},
                                  {"resource/worker.limit.memory", "256"},
                                  {"resource/_default_.reserve.cpu", "2"},
                                  {"resource/web.limit.cpu", "1.5"}};
    const spec::GroupLimits web = plan_limits(records, "web");
    EXPECT_EQ(web.memory_max_bytes, 536870912U);
    EXPECT_EQ(web.swap_max_bytes, 268435456U);
    EXPECT_EQ(web.cpu_percent_hundredths, 15'000U);
    EXPECT_EQ(web.cpu_weight, 200U);
    EXPECT_EQ(plan_limits(records, "worker").memory_max_bytes, 268435456U);
    EXPECT_TRUE(plan_limits({}, "web").is_empty());
}

}  // namespace
}  // namespace reeve::daemon
