#include "cli/app_files.h"

#include <gtest/gtest.h>

#include "base/test_directory.h"
#include "formats/diagnostic.h"

namespace reeve::cli {
namespace {

TEST(AppFilesTest, ReadsADirectoryWithItsEnvironment) {
    TestDirectory directory;
    directory.write("Procfile", "web: ./web\nworker: ./work\n");
    directory.write(".env", "COLOUR=red\n");
    const auto reading = read_app_at(Context{}, directory.path(), "shop");
    ASSERT_TRUE(reading) << reading.error().message;
    EXPECT_TRUE(reading->ok());
    EXPECT_EQ(reading->value.name, "shop");
    EXPECT_EQ(reading->value.directory, directory.path());
    EXPECT_EQ(reading->value.services.size(), 2U);
    EXPECT_EQ(reading->value.environment.at("COLOUR"), "red");
}

TEST(AppFilesTest, ReadsReevesOwnFormat) {
    TestDirectory directory;
    directory.write("reeve.toml", "[services.web]\ncommand = \"./web\"\n");
    const auto reading = read_app_at(Context{}, directory.path(), "shop");
    ASSERT_TRUE(reading) << reading.error().message;
    EXPECT_TRUE(reading->ok());
    EXPECT_EQ(reading->value.format, spec::Format::Native);
    EXPECT_EQ(reading->value.services.at(0).working_dir, directory.path());
}

TEST(AppFilesTest, SaysWhereAMistakeIs) {
    TestDirectory directory;
    directory.write("Procfile", "web: ./web\nnonsense\n");
    const auto reading = read_app_at(Context{}, directory.path() + "/Procfile", "");
    ASSERT_TRUE(reading);
    EXPECT_FALSE(reading->ok());
    EXPECT_EQ(reading->diagnostics[0].line, 2U);
    EXPECT_EQ(reading->diagnostics[0].file, directory.path() + "/Procfile");
}

TEST(AppFilesTest, ReadsADirectoryOfJobsAndOneJob) {
    TestDirectory directory;
    directory.write("web.conf", "exec web\n");
    directory.write("worse.conf", "nonsense\n");
    const auto reading = read_apps_at(Context{}, directory.path(), "");
    ASSERT_TRUE(reading) << reading.error().message;
    EXPECT_FALSE(reading->ok());
    EXPECT_TRUE(is_loadable(*reading));
    ASSERT_EQ(reading->value.size(), 1U);
    EXPECT_EQ(reading->value[0].name, "init");
    EXPECT_EQ(reading->value[0].services.size(), 1U);
    EXPECT_EQ(reading->diagnostics[0].file, directory.path() + "/worse.conf");
    const auto one = read_app_at(Context{}, directory.path() + "/web.conf", "");
    ASSERT_TRUE(one) << one.error().message;
    EXPECT_TRUE(one->ok());
    EXPECT_EQ(one->value.services.size(), 1U);
    EXPECT_FALSE(is_loadable(*read_apps_at(Context{}, directory.path() + "/worse.conf", "")));
    EXPECT_FALSE(read_app_at(Context{}, directory.path(), "shop"));
}

TEST(AppFilesTest, FailsOnWhatIsNotThere) {
    TestDirectory directory;
    EXPECT_FALSE(read_app_at(Context{}, directory.path(), ""));
    const auto missing = read_app_at(Context{}, directory.path() + "/none", "");
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().message.find("No such file"), std::string::npos);
}

TEST(AppFilesTest, RefusesAFileThatIsTooLong) {
    TestDirectory directory;
    directory.write("Procfile", std::string(formats::kConfigBytesMax + 100, '#'));
    const auto reading = read_app_at(Context{}, directory.path(), "");
    EXPECT_FALSE(reading && reading->ok());
}

TEST(AppFilesTest, ReadsEveryAppOfAnEvaluatedPill) {
    TestDirectory directory;
    const std::string app = R"({"name":"demo","environment":{},"processes":[]})";
    directory.write("x.pill.json", R"({"reeve_pill":1,"applications":[)" + app + "]}");
    const auto reading = read_apps_at(Context{}, directory.path() + "/x.pill.json", "shop");
    ASSERT_TRUE(reading) << reading.error().message;
    ASSERT_EQ(reading->value.size(), 1U);
    EXPECT_EQ(reading->value[0].format, spec::Format::Bluepill);
    EXPECT_EQ(reading->value[0].name, "shop");
    const std::string other = R"({"name":"other","environment":{},"processes":[]})";
    directory.write("x.pill.json",
                    R"({"reeve_pill":1,"applications":[)" + app + "," + other + "]}");
    EXPECT_FALSE(read_apps_at(Context{}, directory.path() + "/x.pill.json", "shop"))
        << "one name for two apps";
}

}  // namespace
}  // namespace reeve::cli
