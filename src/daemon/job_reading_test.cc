#include "daemon/job_reading.h"

#include <filesystem>
#include <gtest/gtest.h>

#include "base/test_directory.h"

namespace reeve::daemon {
namespace {

class JobReadingTest : public testing::Test {
protected:
    void SetUp() override {
        std::filesystem::create_directories(path_ + "/net");
        write("web.conf", "exec web\n");
        write("net/apache.conf", "exec apache\n");
        app_.name = "init";
        app_.format = spec::Format::Upstart;
        app_.environment = {{"PATH", "/bin"}};
    }

    void write(const std::string& file, const std::string& text) const {
        directory_.write(file, text);
    }

    TestDirectory directory_;
    std::string path_ = directory_.path();
    spec::App app_;
};

TEST_F(JobReadingTest, ReadsADirectoryAgain) {
    app_.source = path_;
    EXPECT_EQ(files_of_jobs(app_), (std::set<std::string>{path_ + "/", path_ + "/net/"}));
    const auto reading = read_jobs_again(app_, false);
    ASSERT_TRUE(reading.ok()) << reading.error().message;
    EXPECT_EQ(reading->value.services.size(), 2U);
    EXPECT_EQ(reading->value.environment, app_.environment);
    EXPECT_EQ(read_jobs_again(reading->value, false)->value, reading->value);
    write("web.conf", "nonsense\n");
    EXPECT_EQ(read_jobs_again(app_, false)->value.services.size(), 1U);
    std::filesystem::remove_all(path_);
    EXPECT_FALSE(read_jobs_again(app_, false).ok());
}

TEST_F(JobReadingTest, KeepsWhatWasCopiedFromWhoeverLoadedTheJobs) {
    app_.source = path_;
    write("web.conf", "env LANG\nenv NONE\nenv OWN=1\nexec x\n");
    write("new.conf", "env OWN\nenv LANG\nexec x\n");
    spec::Service loaded;
    loaded.name = "web";
    loaded.job.emplace().inherited = {"LANG", "NONE"};
    loaded.environment = {{"LANG", "C"}, {"OWN", "1"}};
    app_.services.push_back(loaded);
    const auto reading = read_jobs_again(app_, false);
    ASSERT_TRUE(reading.ok());
    EXPECT_EQ(spec::find_service(reading->value, "web")->environment,
              (spec::Environment{{"LANG", "C"}, {"OWN", "1"}}));
    EXPECT_EQ(spec::find_service(reading->value, "new")->environment,
              (spec::Environment{{"LANG", "C"}}))
        << "what one job says is not another's";
    EXPECT_EQ(reading->value.environment, app_.environment);
    ASSERT_EQ(reading->diagnostics.size(), 1U);
    EXPECT_EQ(reading->diagnostics[0].message,
              "`env OWN` is new, and nothing is known of its value");
}

TEST_F(JobReadingTest, ReadsASingleJobAgainWithItsOverride) {
    app_.source = path_ + "/web.conf";
    write("web.override", "manual\nenv A=1\n");
    EXPECT_EQ(files_of_jobs(app_),
              (std::set<std::string>{path_ + "/web.conf", path_ + "/web.override"}));
    const auto reading = read_jobs_again(app_, false);
    ASSERT_TRUE(reading.ok());
    ASSERT_EQ(reading->value.services.size(), 1U);
    EXPECT_EQ(reading->value.services[0].environment.at("A"), "1");
}

}  // namespace
}  // namespace reeve::daemon
