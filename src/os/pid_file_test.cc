#include "os/pid_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <gtest/gtest.h>
#include <string>

#include "base/test_directory.h"
#include "os/fd.h"
#include "os/process.h"

namespace reeve::os {
namespace {

class PidFileTest : public ::testing::Test {
protected:
    void SetUp() override { owner_ = {::geteuid(), ::getegid()}; }

    std::optional<pid_t> read_after(const std::string& text) {
        ::unlink(path_.c_str());
        EXPECT_TRUE(open_file(path_, O_CREAT | O_WRONLY).ok());
        EXPECT_TRUE(write_file(path_, text).ok() || text.empty());
        const std::optional<PidFile> file = read_pid_file(path_);
        return file ? std::optional<pid_t>(file->pid) : std::nullopt;
    }

    TestDirectory own_;
    std::string directory_ = own_.path();
    std::string path_ = own_.path("web.pid");
    FileOwner owner_;
};

TEST_F(PidFileTest, TakesOneNumberWithBlanks) {
    EXPECT_EQ(read_after("1234"), 1234);
    EXPECT_EQ(read_after("1234\n"), 1234);
    EXPECT_EQ(read_after("  1234 \n\n"), 1234);
}

TEST_F(PidFileTest, FindsNobodyInGarbage) {
    for (const char* text : {"", "\n", "0", "1", "-1", "-5", "12x", "x12", "12 13", "0x10", "1e3",
                             "4194305", "99999999999999999999", "1234\n5678\n"}) {
        EXPECT_EQ(read_after(text), std::nullopt) << text;
    }
    EXPECT_EQ(read_after(std::string(100, ' ') + "12"), std::nullopt);
    EXPECT_EQ(read_pid_file(directory_ + "/none"), std::nullopt);
    EXPECT_EQ(read_pid_file(directory_), std::nullopt);
}

TEST_F(PidFileTest, IsNotHeldUpByAFifo) {
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    EXPECT_EQ(read_pid_file(path_), std::nullopt);
}

TEST_F(PidFileTest, WritesTheNumberWithoutANewline) {
    const std::string deep = directory_ + "/pids/shop/web.pid";
    ASSERT_TRUE(prepare_pid_file(deep, owner_).ok());
    EXPECT_FALSE(std::filesystem::exists(deep));
    ASSERT_TRUE(write_pid_file(deep, 4321, owner_).ok());
    EXPECT_EQ(read_file(deep, 100).value(), "4321");
    EXPECT_LT(read_pid_file(deep)->age, 60s);
    remove_pid_file(deep, 4322);
    EXPECT_TRUE(std::filesystem::exists(deep));
    remove_pid_file(deep, 4321);
    EXPECT_FALSE(std::filesystem::exists(deep));
}

TEST_F(PidFileTest, DoesNotFollowALinkThatSomebodyPutThere) {
    const std::string target = directory_ + "/target";
    ASSERT_TRUE(open_file(target, O_CREAT | O_WRONLY).ok());
    ASSERT_EQ(::symlink(target.c_str(), path_.c_str()), 0);
    EXPECT_FALSE(write_pid_file(path_, 4321, owner_).ok());
    EXPECT_EQ(read_file(target, 100).value(), "");
}

TEST_F(PidFileTest, WritesWithTheRightsOfTheUser) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root's rights";
    const FileOwner nobody{65534, 65534};
    ASSERT_EQ(::chmod(directory_.c_str(), 0755), 0);
    ASSERT_TRUE(write_pid_file(path_, 4321, nobody).ok());
    struct stat info {};
    ASSERT_EQ(::stat(path_.c_str(), &info), 0);
    EXPECT_EQ(info.st_uid, 65534U);
    EXPECT_EQ(::geteuid(), 0U);
    // A directory of a third user: neither may that user write there, nor does root do it for it.
    ASSERT_EQ(::unlink(path_.c_str()), 0);
    ASSERT_EQ(::chown(directory_.c_str(), 1234, 1234), 0);
    const Result<void> refused = write_pid_file(path_, 4321, nobody);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().message, "open " + path_ + ": Permission denied");
}

TEST_F(PidFileTest, KnowsTheAgeOfAProcess) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::pause();
        ::_exit(0);
    }
    const Duration age = age_of_process(read_process_stat(child)->start_ticks);
    EXPECT_GE(age, -1s);
    EXPECT_LT(age, 60s);
    const Duration own = age_of_process(read_process_stat(1)->start_ticks);
    EXPECT_GE(own, age);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
}

}  // namespace
}  // namespace reeve::os
