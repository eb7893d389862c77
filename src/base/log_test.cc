#include "base/log.h"

#include <gtest/gtest.h>
#include <string>

namespace reeve::log {
namespace {

TEST(LogTest, WritesOneLinePerFactFromTheLevelOn) {
    testing::internal::CaptureStderr();
    open("tester", Level::Info);
    debug("app=shop hidden=1");
    info("app=shop started=1");
    error("app=shop failed=1 {}");
    const std::string text = testing::internal::GetCapturedStderr();
    EXPECT_EQ(text.find("hidden"), std::string::npos) << text;
    EXPECT_NE(text.find(" info tester: app=shop started=1\n"), std::string::npos) << text;
    EXPECT_NE(text.find(" error tester: app=shop failed=1 {}\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace reeve::log
