#include "os/file_tree.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "base/test_directory.h"

namespace reeve::os {
namespace {

TEST(FileTreeTest, ReadsWhatTheRulesTake) {
    const TestDirectory directory;
    const std::string& name = directory.path();
    const std::filesystem::path top = name;
    std::filesystem::create_directories(top / "net/deep");
    std::filesystem::create_directories(top / "skipped");
    for (const char* file : {"b.conf", "a.txt", "net/deep/c.conf", "skipped/d.conf"})
        std::ofstream(top / file) << file;
    std::filesystem::create_symlink("/nowhere", top / "gone.conf");
    const TreeRules rules{[](std::string_view file) { return file.ends_with(".conf"); },
                          [](std::string_view found) { return found == "skipped"; }, 100};
    const Result<Tree> tree = read_tree(name, rules);
    ASSERT_TRUE(tree.ok()) << tree.error().message;
    ASSERT_EQ(tree->files.size(), 2U);
    EXPECT_EQ(tree->files[0].path, "b.conf");
    EXPECT_EQ(tree->files[1].text, "net/deep/c.conf");
    EXPECT_EQ(tree->directories,
              (std::vector<std::string>{name, name + "/net", name + "/net/deep"}));
    EXPECT_FALSE(read_tree(name + "/none", rules).ok());
    EXPECT_TRUE(is_directory(name));
    EXPECT_FALSE(is_directory(name + "/b.conf"));
}

}  // namespace
}  // namespace reeve::os
