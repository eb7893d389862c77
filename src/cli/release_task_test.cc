#include "cli/release_task.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "os/fd.h"

namespace reeve::cli {
namespace {

class ReleaseTaskTest : public ::testing::Test {
protected:
    void SetUp() override {
        char pattern[] = "/tmp/reeve-release-test.XXXXXX";
        ASSERT_NE(::mkdtemp(pattern), nullptr);
        app_.name = "shop";
        app_.directory = pattern;
        spec::Service web;
        web.name = "web";
        app_.services.push_back(web);
    }
    void TearDown() override {
        ::unlink((app_.directory + "/out").c_str());
        ::rmdir(app_.directory.c_str());
    }
    std::string output() const { return os::read_file(app_.directory + "/out", 4096).value(); }

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
