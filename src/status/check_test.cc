#include "status/check.h"

#include <gtest/gtest.h>

namespace reeve::status {
namespace {

TEST(CheckTest, AVerdictIsOneWord) {
    EXPECT_EQ(to_text(CheckVerdict::Waiting), "waiting");
    EXPECT_EQ(to_text(CheckVerdict::Fired), "fired");
}

}  // namespace
}  // namespace reeve::status
