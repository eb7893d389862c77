#include "drivers/limit_plan.h"

#include <sys/resource.h>

#include <gtest/gtest.h>

namespace reeve::drivers {
namespace {

TEST(LimitPlanTest, NamesWhatIsSetAndNothingElse) {
    EXPECT_TRUE(limits_of({}).empty());
    const std::vector<os::GroupLimit> found =
        limits_of({.memory_max_bytes = 1024 * 1024, .processes_max = 7});
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(to_text(found[0]), "memory 1 MiB");
    EXPECT_EQ(to_text(found[1]), "processes 7");
}

TEST(LimitPlanTest, LimitsOfAProcessAreToldByTheirNames) {
    EXPECT_EQ(to_text(spec::ResourceLimit{RLIMIT_NOFILE, 4096, 4096}), "nofile 4096");
    EXPECT_EQ(to_text(spec::ResourceLimit{RLIMIT_CPU, 60, 90}), "cpu 60 (hard 90)");
    EXPECT_EQ(to_text(spec::ResourceLimit{RLIMIT_CORE, UINT64_MAX, UINT64_MAX}), "core unlimited");
    EXPECT_EQ(to_text(spec::ResourceLimit{RLIMIT_CORE, 0, UINT64_MAX}), "core 0 (hard unlimited)");
}

}  // namespace
}  // namespace reeve::drivers
