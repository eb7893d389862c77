#include "spec/job_variables.h"

#include <gtest/gtest.h>

namespace reeve::spec {
namespace {

TEST(JobVariablesTest, HaveThePrefixOfTheirFormat) {
    EXPECT_EQ(variable_prefix(App{.format = Format::Upstart}), "UPSTART_");
    EXPECT_EQ(variable_prefix(App{.format = Format::Native}), "REEVE_");
}

}  // namespace
}  // namespace reeve::spec
