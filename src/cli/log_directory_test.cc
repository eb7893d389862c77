#include "cli/log_directory.h"

#include <gtest/gtest.h>

#include "base/test_directory.h"

namespace reeve::cli {
namespace {

TEST(LogDirectoryTest, FindsLogsByTheirNames) {
    TestDirectory directory;
    std::filesystem::create_directories(directory.path() + "/shop");
    std::filesystem::create_directories(directory.path() + "/net%2Fapache");
    directory.write("shop/web.1.log", "");
    directory.write("shop/web.1.log.1", "");
    directory.write("shop/web.2.log", "");
    directory.write("net%2Fapache/a%20b.1.log", "");
    directory.write("reeve.log", "");
    const auto all = find_logs(directory.path(), {});
    ASSERT_TRUE(all) << all.error().message;
    ASSERT_EQ(all->size(), 3U);
    EXPECT_EQ((*all)[0].app, "net/apache");
    EXPECT_EQ((*all)[0].instance, "a b.1");
    EXPECT_EQ((*all)[1].path, directory.path() + "/shop/web.1.log");
    const auto one = find_logs(directory.path(), {{"shop", "web.2"}});
    ASSERT_TRUE(one);
    ASSERT_EQ(one->size(), 1U);
    EXPECT_EQ((*one)[0].instance, "web.2");
    EXPECT_EQ(find_logs(directory.path(), {{"shop", "web"}})->size(), 2U);
    EXPECT_FALSE(find_logs(directory.path() + "/none", {}));
}

}  // namespace
}  // namespace reeve::cli
