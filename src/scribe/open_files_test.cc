#include "scribe/open_files.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "base/test_directory.h"
#include "scribe/log_file.h"

namespace reeve::scribe {
namespace {

TEST(OpenFilesTest, OnlySoManyFilesAreOpenAtATime) {
    constexpr WallTime kNow{1};
    const TestDirectory directory;
    OpenFiles open_files(3);
    std::vector<std::unique_ptr<LogFile>> files;
    for (int i = 0; i < 5; ++i) {
        link::LogSettings settings;
        settings.path = directory.path() + "/" + std::to_string(i);
        files.push_back(std::make_unique<LogFile>(settings));
    }
    const auto use = [&](std::size_t i) {
        EXPECT_EQ(files[i]->append("line\n", kNow).error, "");
        open_files.used(*files[i]);
    };
    for (const std::size_t i : {0U, 1U, 2U, 0U, 3U, 0U, 4U}) {
        use(i);
        EXPECT_LE(open_files.size(), 3U);
    }
    EXPECT_TRUE(files[0]->is_open());  // used in between
    EXPECT_FALSE(files[1]->is_open());
    EXPECT_FALSE(files[2]->is_open());
    EXPECT_TRUE(files[3]->is_open());
    use(1);
    EXPECT_FALSE(files[3]->is_open());
    EXPECT_EQ(content(directory.path() + "/1"), "line\nline\n");
}

TEST(OpenFilesTest, AFileThatCannotBeOpenedTakesNoPlace) {
    const TestDirectory directory;
    OpenFiles open_files(3);
    link::LogSettings settings;
    settings.path = directory.path();
    LogFile file(settings);
    EXPECT_NE(file.append("x\n", WallTime{1}).error, "");
    open_files.used(file);
    EXPECT_EQ(open_files.size(), 0U);
}

}  // namespace
}  // namespace reeve::scribe
