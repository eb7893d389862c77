#include "cli/release_task.h"

#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/test_directory.h"

namespace reeve::cli {
namespace {

class ReleaseTaskTest : public ::testing::Test {
protected:
    void SetUp() override {
        app_.name = "shop";
        app_.directory = directory_.path();
        spec::Service web;
        web.name = "web";
        app_.services.push_back(web);
    }
    std::string output() const { return content(directory_.path("out")); }

    TestDirectory directory_;
    spec::App app_;
};

TEST_F(ReleaseTaskTest, RunsInTheAppsDirectoryWithTheAppsEnvironment) {
    app_.environment["GREETING"] = "hello";
    app_.release_command =
        spec::ShellCommand{"echo $GREETING $DYNO $REEVE_APP > out", spec::Shell::Bash};
    const Result<void> released = run_release_task(app_);
    EXPECT_TRUE(released.ok());
    EXPECT_EQ(output(), "hello release.1 shop\n");
}

TEST_F(ReleaseTaskTest, TellsHowAFailingOneEnded) {
    app_.release_command = spec::ShellCommand{"exit 3", spec::Shell::Bash};
    EXPECT_NE(run_release_task(app_).error().message.find("exit code 3"), std::string::npos);
    app_.release_command = spec::ShellCommand{"kill -9 $$", spec::Shell::Bash};
    EXPECT_NE(run_release_task(app_).error().message.find("SIGKILL"), std::string::npos);
    app_.release_command = spec::DirectCommand{{"no-such-program-anywhere"}};
    EXPECT_NE(run_release_task(app_).error().message.find("127"), std::string::npos);
}

TEST_F(ReleaseTaskTest, DoesNothingForAnAppWithoutOne) {
    EXPECT_TRUE(run_release_task(app_).ok());
}

TEST_F(ReleaseTaskTest, RunsAsTheUserThatTheAppRunsAs) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
    ASSERT_EQ(::chmod(app_.directory.c_str(), 0777), 0);
    app_.services.front().credentials.user = "nobody";
    app_.release_command = spec::ShellCommand{"id -un > out", spec::Shell::Bash};
    EXPECT_TRUE(run_release_task(app_).ok());
    EXPECT_EQ(output(), "nobody\n");
}

}  // namespace
}  // namespace reeve::cli
