#include "cli/personalities.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <set>

#include "base/test_directory.h"

namespace reeve::cli {
namespace {

std::string_view found(std::string_view program, const std::vector<std::string>& args) {
    const Personality* personality = find_personality(program, args);
    return personality == nullptr ? "" : personality->name;
}

TEST(PersonalitiesTest, AreChosenByTheNameOfTheProgram) {
    EXPECT_EQ(found("/usr/lib/reeve/compat/init-checkconf", {"web"}), "init-checkconf");
    EXPECT_EQ(found("/usr/lib/reeve/compat/start", {"web"}), "start");
    EXPECT_EQ(found("initctl", {}), "initctl");
    EXPECT_EQ(found("/usr/bin/reeve", {"start", "web"}), "");
    EXPECT_EQ(found("reeve", {}), "");
}

TEST(PersonalitiesTest, SomeAreCommandsToo) {
    EXPECT_EQ(found("reeve", {"initctl", "list"}), "initctl");
    EXPECT_EQ(found("reeve", {"init-checkconf", "x.conf"}), "init-checkconf");
}

TEST(PersonalitiesTest, ALinkOfAnyNameMayLeadToOne) {
    const TestDirectory directory;
    const std::string script = directory.path() + "/demo";
    std::filesystem::create_symlink("/nowhere/reeve", directory.path() + "/bluepill");
    std::filesystem::create_symlink("bluepill", script);
    EXPECT_EQ(found(script, {"stop"}), "bluepill");
    std::filesystem::create_symlink("loop", directory.path() + "/loop");
    EXPECT_EQ(found(directory.path() + "/loop", {}), "");
}

TEST(PersonalitiesTest, HaveDifferentNames) {
    std::set<std::string_view> names;
    for (const Personality& personality : all_personalities())
        EXPECT_TRUE(names.insert(personality.name).second) << personality.name;
}

}  // namespace
}  // namespace reeve::cli
