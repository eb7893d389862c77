#include "cli/compat/dokku/report.h"

#include <gtest/gtest.h>

namespace reeve::cli::compat::dokku {
namespace {

TEST(ReportTest, LooksAsInDokkusDocumentation) {
    const std::vector<ReportLine> lines = {{"--ps-restart-policy", "on-failure:10"},
                                           {"--deployed", "false"},
                                           {"--ps-procfile-path", ""}};
    EXPECT_EQ(report_text({}, "node-js-app", "ps", lines),
              "=====> node-js-app ps information\n"
              "       Deployed:                      false\n"
              "       Ps procfile path:\n"
              "       Ps restart policy:             on-failure:10\n");
}

TEST(ReportTest, GrowsWithLongFlags) {
    const std::vector<ReportLine> lines = {{"--ps-computed-stop-timeout-seconds", "30"}};
    EXPECT_EQ(report_text({}, "a", "ps", lines),
              "=====> a ps information\n"
              "       Ps computed stop timeout seconds: 30\n");
}

TEST(ReportTest, IsAFlatObjectInJson) {
    EXPECT_EQ(report_json({{"--running", "true"}, {"--app-dir", "/a \"b\""}}),
              "{\"app-dir\":\"/a \\\"b\\\"\",\"running\":\"true\"}\n");
}

TEST(ReportTest, ReadsWhatIsAskedFor) {
    const auto query = parse_report_query({"shop", "--running"});
    ASSERT_TRUE(query.ok());
    EXPECT_EQ(query->app, "shop");
    EXPECT_EQ(query->info_flag, "--running");
    EXPECT_TRUE(parse_report_query({"--format", "json"})->json);
    EXPECT_EQ(parse_report_query({"--global"})->app, "--global");
}

TEST(ReportTest, RefusesWhatMakesNoSense) {
    EXPECT_EQ(parse_report_query({"--format", "xml"}).error().message,
              "Format must be \"stdout\" or \"json\": \"xml\"");
    EXPECT_FALSE(parse_report_query({"--format"}).ok());
    EXPECT_FALSE(parse_report_query({"--a", "--b"}).ok());
    EXPECT_FALSE(parse_report_query({"--a", "--format", "json"}).ok());
    EXPECT_FALSE(parse_report_query({"a", "b"}).ok());
}

}  // namespace
}  // namespace reeve::cli::compat::dokku
