#include "cli/compat/dokku/properties.h"

#include <gtest/gtest.h>

namespace reeve::cli::compat::dokku {
namespace {

TEST(PropertiesTest, ObjectToWhatIsNoValue) {
    EXPECT_EQ(not_a_boolean("true"), "");
    EXPECT_NE(not_a_boolean("yes"), "");
    EXPECT_EQ(not_a_count("0"), "");
    EXPECT_NE(not_a_count("-1"), "");
    EXPECT_NE(not_a_count("1s"), "");
    EXPECT_EQ(not_a_relative_path(".dokku/Procfile"), "");
    EXPECT_NE(not_a_relative_path("../Procfile"), "");
    EXPECT_EQ(not_a_relative_path("a..b/c"), "");
}

}  // namespace
}  // namespace reeve::cli::compat::dokku
