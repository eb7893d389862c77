#include "cli/compat/dokku/detached_logs.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "base/test_directory.h"

namespace reeve::cli::compat::dokku {
namespace {

namespace fs = std::filesystem;

TEST(DetachedLogsTest, TheNewestAndThoseThatAreStillWrittenAreKept) {
    const TestDirectory directory;
    const auto now = fs::file_time_type::clock::now();
    const int all = static_cast<int>(kEndedLogsMax) + 5;
    for (int number = 0; number < all; ++number) {
        const fs::path path = fs::path(directory.path()) / ("shop.run." + std::to_string(number));
        fs::create_directory(path);
        std::ofstream(path / "run.1.log") << "done\n";
        fs::last_write_time(path / "run.1.log", now - std::chrono::hours(number));
    }
    fs::create_directory(fs::path(directory.path()) / "shop");
    fs::create_directory(fs::path(directory.path()) / "shop.cron.7");
    remove_old_logs(directory.path(), "shop.run.", {"shop.run." + std::to_string(all - 1)});
    const auto is_there = [&](const std::string& name) {
        return fs::exists(fs::path(directory.path()) / name);
    };
    EXPECT_TRUE(is_there("shop.run.0"));
    EXPECT_TRUE(is_there("shop.run." + std::to_string(kEndedLogsMax - 1)));
    EXPECT_FALSE(is_there("shop.run." + std::to_string(kEndedLogsMax)));
    EXPECT_FALSE(is_there("shop.run." + std::to_string(all - 2)));
    EXPECT_TRUE(is_there("shop.run." + std::to_string(all - 1))) << "it runs";
    EXPECT_TRUE(is_there("shop"));
    EXPECT_TRUE(is_there("shop.cron.7"));
}

TEST(DetachedLogsTest, NoDirectoryIsNothingToRemove) {
    remove_old_logs("/nonexistent", "shop.run.", {});
    EXPECT_FALSE(fs::exists("/nonexistent"));
}

}  // namespace
}  // namespace reeve::cli::compat::dokku
