#include "cli/compat/dokku/tar.h"

#include <gtest/gtest.h>

namespace reeve::cli::compat::dokku {
namespace {

TEST(TarTest, AnArchiveHasABlockForEachHeadAndEnoughForEachContent) {
    const auto archive = tar_archive({{"A", "one"}, {"B", std::string(512, 'x')}, {"C", ""}});
    ASSERT_TRUE(archive.ok());
    EXPECT_EQ(archive->size(), 512U * (2 + 2 + 1 + 2));
    EXPECT_EQ(archive->substr(0, 2), std::string("A\0", 2));
    EXPECT_EQ(archive->substr(124, 11), "00000000003");
    EXPECT_EQ(archive->substr(257, 8), std::string("ustar\0"
                                                   "00",
                                                   8));
    EXPECT_EQ(archive->substr(512, 4), std::string("one\0", 4));
    EXPECT_EQ(archive->substr(1024, 2), std::string("B\0", 2));
}

TEST(TarTest, ANameThatTheHeadCannotHoldIsRefused) {
    EXPECT_TRUE(tar_archive({{std::string(100, 'n'), ""}}).ok());
    EXPECT_FALSE(tar_archive({{std::string(101, 'n'), ""}}).ok());
}

}  // namespace
}  // namespace reeve::cli::compat::dokku
