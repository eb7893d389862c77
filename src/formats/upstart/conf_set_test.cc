#include "formats/upstart/conf_set.h"

#include <gtest/gtest.h>

namespace reeve::formats::upstart {
namespace {

std::vector<std::string> names(const Reading<std::vector<LoadedJob>>& reading) {
    std::vector<std::string> all;
    for (const LoadedJob& job : reading.value)
        all.push_back(job.conf.job.name + " " + job.conf.job.main.value_or(Process{}).text);
    return all;
}

TEST(ConfSetTest, NamesComeFromPaths) {
    const auto reading = read_directories({{"/etc/init",
                                            {{"net/apache.conf", "exec a"},
                                             {"sp ace.conf", "exec b"},
                                             {".hidden.conf", "exec c"},
                                             {".conf", "exec d"},
                                             {"foo.conf.bak", "exec e"}}}});
    EXPECT_EQ(names(reading), (std::vector<std::string>{".hidden c", "net/apache a", "sp ace b"}));
    EXPECT_EQ(reading.value[1].path, "/etc/init/net/apache.conf");
}

TEST(ConfSetTest, TheFirstDirectoryOwnsAName) {
    const std::vector<ConfDirectory> directories = {
        {"/a", {{"x.conf", "exec first"}, {"broken.conf", "nonsense"}}},
        {"/b", {{"x.conf", "exec second"}, {"broken.conf", "exec whole"}}}};
    const auto reading = read_directories(directories);
    EXPECT_EQ(names(reading), (std::vector<std::string>{"broken whole", "x first"}));
    ASSERT_EQ(reading.diagnostics.size(), 1U);
    EXPECT_EQ(reading.diagnostics[0].file, "/a/broken.conf");
    EXPECT_EQ(reading.diagnostics[0].message, "Unknown stanza");
}

TEST(ConfSetTest, AnOverrideIsTakenFromTheJobsDirectoryOrABetterOne) {
    const auto manual = [](const std::vector<ConfDirectory>& directories) {
        const auto reading = read_directories(directories);
        return !reading.value.empty() && !reading.value[0].conf.job.start_on;
    };
    const ConfFile job{"x.conf", "start on a"};
    const ConfFile override_file{"x.override", "manual"};
    EXPECT_TRUE(manual({{"/a", {job, override_file}}}));
    EXPECT_TRUE(manual({{"/a", {override_file}}, {"/b", {job}}}));
    EXPECT_FALSE(manual({{"/a", {job}}, {"/b", {override_file}}}));
    EXPECT_FALSE(manual({{"/a", {job, {"sub/x.override", "manual"}}}}));
    // The first one found counts alone.
    EXPECT_FALSE(manual({{"/a", {{"x.override", "env A=1"}}}, {"/b", {job, override_file}}}));
    EXPECT_TRUE(read_directories({{"/a", {override_file}}}).value.empty());
}

TEST(ConfSetTest, AWrongOverrideIsLeftOutAsAWhole) {
    const auto reading =
        read_directories({{"/a", {{"x.conf", "start on a"}, {"x.override", "manual\nenv\n"}}}});
    ASSERT_EQ(reading.value.size(), 1U);
    EXPECT_TRUE(reading.value[0].conf.job.start_on);
    ASSERT_EQ(reading.diagnostics.size(), 1U);
    EXPECT_EQ(reading.diagnostics[0].severity, Severity::Warning);
    EXPECT_EQ(reading.diagnostics[0].line, 2U);
    EXPECT_TRUE(reading.ok());
}

TEST(ConfSetTest, PassesOverWhatEditorsAndPackagesLeave) {
    for (const char* name :
         {".git", "CVS", "RCS", "old~", "x.bak", "#x#", ".x.swp", "a.dpkg-old", "a.rpmsave", ""}) {
        EXPECT_TRUE(is_skipped_directory(name)) << name;
    }
    for (const char* name : {"net", "a.d", "#"})
        EXPECT_FALSE(is_skipped_directory(name)) << name;
    EXPECT_TRUE(is_conf_name("a.b.conf"));
    EXPECT_TRUE(is_conf_name("x.override"));
    EXPECT_FALSE(is_conf_name(".override"));
    EXPECT_FALSE(is_conf_name("conf"));
}

}  // namespace
}  // namespace reeve::formats::upstart
