#include "cli/upstart_files.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "base/test_directory.h"

namespace reeve::cli {
namespace {

TEST(UpstartFilesTest, ReadsADirectoryAndThoseBelowIt) {
    const TestDirectory directory;
    const std::filesystem::path path = directory.path();
    for (const char* below : {"net", ".git", "old~"})
        std::filesystem::create_directory(path / below);
    for (const char* file : {"web.conf", "web.override", "net/apache.conf", ".git/x.conf",
                             "old~/y.conf", "README", "web.conf.bak"}) {
        std::ofstream(path / file) << "# " << file;
    }
    const auto read = read_conf_directory(path.string() + "/");
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read->path, path.string());
    std::vector<std::string> files;
    for (const formats::upstart::ConfFile& file : read->files)
        files.push_back(file.path);
    EXPECT_EQ(files, (std::vector<std::string>{"net/apache.conf", "web.conf", "web.override"}));
    EXPECT_EQ(read->files[0].text, "# net/apache.conf");
    EXPECT_FALSE(read_conf_directory(path.string() + "/none").ok());
}

TEST(UpstartFilesTest, FindsTheDirectoriesOfTheRoot) {
    const TestDirectory directory;
    const std::filesystem::path path = directory.path();
    std::filesystem::create_directories(path / "etc/init");
    Context context;
    context.paths.root = path.string();
    ::unsetenv("UPSTART_CONFDIR");
    EXPECT_EQ(upstart_directories(context), std::vector<std::string>{path.string() + "/etc/init"});
    ::setenv("UPSTART_CONFDIR", "/nowhere/at/all", 1);
    EXPECT_TRUE(upstart_directories(context).empty());
    ::unsetenv("UPSTART_CONFDIR");
    EXPECT_EQ(upstart_surroundings(context).log_directory, path.string() + "/var/log/upstart");
    const auto texts = read_upstart_texts(context, {path.string()});
    ASSERT_TRUE(texts.ok());
    EXPECT_EQ(texts->directories.size(), 1U);
}

}  // namespace
}  // namespace reeve::cli
