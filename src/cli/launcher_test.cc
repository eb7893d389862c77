#include "cli/launcher.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "base/test_directory.h"

namespace reeve::cli {
namespace {

/// A keeper played by a shell script, which says in its log how it finds itself.
class LauncherTest : public testing::Test {
protected:
    KeeperLaunch launch_of(const std::string& script) {
        directory_.write("keeper", "#!/bin/sh\n" + script);
        ::chmod((directory_.path() + "/keeper").c_str(), 0755);
        KeeperLaunch launch;
        launch.program = directory_.path() + "/keeper";
        launch.log_file = directory_.path() + "/log/reeve.log";
        launch.environment = {"PATH=/bin:/usr/bin", "REEVE_ROOT=/r"};
        return launch;
    }

    std::string log() const {
        std::ostringstream text;
        text << std::ifstream(directory_.path() + "/log/reeve.log").rdbuf();
        return text.str();
    }

    TestDirectory directory_;
};

TEST_F(LauncherTest, HandsDownNothingButWhatIsNamed) {
    ::setenv("SECRET", "x", 1);
    ::umask(077);
    const auto pid =
        start_keeper(launch_of("umask; pwd; echo $REEVE_ROOT:$SECRET; ls /proc/$$/fd\n"
                               "cut -d' ' -f1,5,6 /proc/$$/stat"));
    ::umask(022);
    ASSERT_TRUE(pid) << pid.error().message;
    int status = 0;
    ::waitpid(*pid, &status, 0);
    EXPECT_EQ(status, 0);
    const std::string self = std::to_string(*pid);
    // 10 is the script itself, where the shell keeps it.
    std::string said = log();
    const std::size_t script_fd = said.find("10\n");
    if (script_fd != std::string::npos) said.erase(script_fd, 3);
    EXPECT_EQ(said, "0022\n/\n/r:\n0\n1\n2\n" + self + " " + self + " " + self + "\n");
}

TEST_F(LauncherTest, SaysWhyAProgramCannotBeExecuted) {
    KeeperLaunch launch = launch_of("");
    launch.program += "-that-is-not-there";
    const auto pid = start_keeper(launch);
    ASSERT_FALSE(pid);
    EXPECT_NE(pid.error().message.find("No such file or directory"), std::string::npos);
}

TEST_F(LauncherTest, ShowsTheLastWordsOfAKeeperThatEnds) {
    const auto pid = start_keeper(launch_of("echo the lock is taken; exit 1\n"));
    ASSERT_TRUE(pid);
    const api::Client nobody(directory_.path() + "/none.sock");
    const auto answers = wait_until_it_answers(nobody, *pid, directory_.path() + "/log/reeve.log");
    ASSERT_FALSE(answers);
    EXPECT_NE(answers.error().message.find("the lock is taken"), std::string::npos);
}

TEST_F(LauncherTest, LooksForTheKeeperBesideTheProgram) {
    Context context;
    context.program_directory = directory_.path() + "/bin";
    EXPECT_FALSE(find_keeper(context));
    std::filesystem::create_directories(directory_.path() + "/bin");
    std::filesystem::create_directories(directory_.path() + "/lib/reeve");
    directory_.write("lib/reeve/reeve-keeper", "");
    ::chmod((directory_.path() + "/lib/reeve/reeve-keeper").c_str(), 0755);
    EXPECT_EQ(*find_keeper(context), directory_.path() + "/bin/../lib/reeve/reeve-keeper");
}

TEST(CleanEnvironmentTest, NamesTheRoot) {
    Context context;
    context.paths.root = "/r";
    const auto contains = [](const std::vector<std::string>& all, const std::string& one) {
        return std::find(all.begin(), all.end(), one) != all.end();
    };
    EXPECT_TRUE(contains(clean_environment(context, ""), "REEVE_ROOT=/r"));
    EXPECT_TRUE(contains(clean_environment(context, "/other"), "REEVE_ROOT=/other"));
    ::setenv("LD_PRELOAD_OF_SOMEBODY", "x", 1);
    for (const std::string& variable : clean_environment(context, ""))
        EXPECT_EQ(variable.find("LD_"), std::string::npos);
}

}  // namespace
}  // namespace reeve::cli
