#include "cli/release_list.h"

#include <gtest/gtest.h>

namespace reeve::cli {
namespace {

const api::Records kRecords = {
    {"app/release", "10"},
    {"release-info/9", "1795177044\tabcdef0123\tgit\treeve deploy shop ."},
    {"release-info/10", "1795177045\t\t/srv/shop\treeve rollback shop 9"},
    {"release-dir/9", "9"},
    {"release-dir/10", "9"},
    {"release-info/x", "broken"},
};

TEST(ReleaseListTest, TheNewestComesFirst) {
    const auto releases = releases_of(kRecords);
    ASSERT_EQ(releases.size(), 2U);
    EXPECT_EQ(releases[0].number, 10U);
    EXPECT_TRUE(releases[0].is_current);
    EXPECT_EQ(releases[1].revision, "abcdef0123");
    EXPECT_EQ(previous_release(releases), 9U);
    EXPECT_FALSE(previous_release({}).has_value());
}

TEST(ReleaseListTest, IsShownAsATable) {
    const std::string text = releases_text(releases_of(kRecords));
    EXPECT_NE(text.find("10 now"), std::string::npos);
    EXPECT_NE(text.find("(the code of 9)"), std::string::npos);
    EXPECT_NE(text.find("abcdef01 "), std::string::npos);
    EXPECT_EQ(releases_text({}), "no release yet\n");
    EXPECT_NE(releases_json(releases_of(kRecords)).find("\"current\":true"), std::string::npos);
}

}  // namespace
}  // namespace reeve::cli
