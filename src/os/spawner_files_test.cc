#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "base/test_directory.h"
#include "os/fd.h"
#include "os/spawner.h"

// What a child finds as its files, its script and its signals.
namespace reeve::os {
namespace {

constexpr int kAppend = O_WRONLY | O_CREAT | O_APPEND;

class SpawnerFilesTest : public ::testing::Test {
protected:
    void SetUp() override { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }
    void TearDown() override { ::prctl(PR_SET_CHILD_SUBREAPER, 0); }

    static std::unique_ptr<ChildSetup> shell(const std::string& text) {
        auto setup = std::make_unique<ChildSetup>();
        setup->executables = {"/bin/sh"};
        setup->arguments = {"sh", "-c", text};
        setup->environment = {"PATH=/usr/bin:/bin"};
        setup->working_dir = "/";
        return setup;
    }

    /// Spawns from a process whose parent is this one, as the keeper is the parent of reeved, and
    /// waits for the child. Returns its exit code, or the text of the step that failed.
    std::string outcome(std::unique_ptr<ChildSetup> setup) {
        const std::string failure = directory_ + "/failure";
        const pid_t daemon = ::fork();
        if (daemon == 0) {
            const auto spawner = Spawner::create();
            for (const std::string& path : lend_) {
                const auto file = open_file(path, O_CREAT | O_WRONLY);
                setup->passed_fds.push_back(*(*spawner)->lend(file->get()));
            }
            auto spawn = (*spawner)->start(std::move(setup), -1, -1);
            if (!spawn) ::_exit(1);
            PendingSpawn::Progress progress = (*spawn)->progress();
            while (progress == PendingSpawn::Progress::OnItsWay) {
                pollfd news{(*spawn)->status_fd(), POLLIN, 0};
                ::poll(&news, 1, 10'000);
                progress = (*spawn)->progress();
            }
            if (progress == PendingSpawn::Progress::Failed) {
                const auto file = open_file(failure, O_CREAT | O_WRONLY);
                (void)write_file(failure, (*spawn)->stage_text());
            }
            ::_exit(0);
        }
        ::waitpid(daemon, nullptr, 0);
        int status = 0;
        ::waitpid(-1, &status, 0);
        const Result<std::string> failed = read_file(failure, 1000);
        return failed ? *failed : std::to_string(WEXITSTATUS(status));
    }

    std::string content(const std::string& name) const {
        const Result<std::string> text = read_file(directory_ + "/" + name, 100'000);
        return text ? *text : "none";
    }

    TestDirectory own_;
    std::string directory_ = own_.path();
    std::vector<std::string> lend_;  // files that the child is passed
};

TEST_F(SpawnerFilesTest, OutputAndErrorShareOneFileThatIsAppendedTo) {
    for (int i = 0; i < 2; ++i) {
        auto setup = shell("echo out; echo err >&2; echo out again");
        setup->working_dir = directory_;
        setup->redirections = {{1, "log", -1, kAppend, false}, {2, "", 1, 0, false}};
        EXPECT_EQ(outcome(std::move(setup)), "0");
    }
    EXPECT_EQ(content("log"), "out\nerr\nout again\nout\nerr\nout again\n");
}

TEST_F(SpawnerFilesTest, NamesTheFileThatCannotBeOpened) {
    auto setup = shell("true");
    setup->redirections = {{1, "/dev/null", -1, kAppend, false},
                           {2, "/does/not/exist.log", -1, kAppend, false}};
    EXPECT_EQ(outcome(std::move(setup)), "open /does/not/exist.log");
    std::filesystem::remove(directory_ + "/failure");
    auto console = shell("echo to nobody; exit 4");
    console->redirections = {{1, "/does/not/exist", -1, O_WRONLY, true}};
    EXPECT_EQ(outcome(std::move(console)), "4") << "one that may fail is /dev/null then";
}

TEST_F(SpawnerFilesTest, AFifoThatNobodyReadsHoldsUpNobody) {
    ASSERT_EQ(::mkfifo((directory_ + "/pipe").c_str(), 0600), 0);
    auto setup = shell("echo into the pipe; exit 3");
    setup->redirections = {{1, directory_ + "/pipe", -1, kAppend, false}};
    EXPECT_EQ(outcome(std::move(setup)), "3");
}

TEST_F(SpawnerFilesTest, AnyNumberMayBeThatOfAFile) {
    // Those from 10 on are among what the spawner has lent to the child.
    for (int fd = 3; fd <= 20; ++fd) {
        const std::string name = "said" + std::to_string(fd);
        auto setup = shell("eval 'echo ready >&" + std::to_string(fd) + "'; exit 6");
        setup->executables = {"/bin/bash", "/bin/sh"};
        setup->redirections = {{fd, directory_ + "/" + name, -1, kAppend, false}};
        EXPECT_EQ(outcome(std::move(setup)), "6") << fd;
        EXPECT_EQ(content(name), "ready\n") << fd;
        auto broken = shell("");
        broken->executables = {"/does/not/exist"};
        broken->redirections = {{fd, directory_ + "/" + name, -1, kAppend, false}};
        EXPECT_TRUE(outcome(std::move(broken)).starts_with("exec ")) << fd;
        std::filesystem::remove(directory_ + "/failure");
    }
}

TEST_F(SpawnerFilesTest, AScriptIsReadFromDescriptorNineAndNotLeftThere) {
    auto setup = shell("");
    setup->arguments = {"/bin/sh", "-e", "/proc/self/fd/9"};
    setup->script = "exec 9<&-\nls /proc/self/fd | tr '\\n' ' '\nfalse\necho not reached\n";
    setup->redirections = {{1, directory_ + "/out", -1, kAppend, false}};
    EXPECT_EQ(outcome(std::move(setup)), "1");
    EXPECT_EQ(content("out").substr(0, 6), "0 1 2 ");
    EXPECT_EQ(content("out").find("9"), std::string::npos);
}

TEST_F(SpawnerFilesTest, PassedDescriptorsComeFromThreeOnAndTheChildKnowsItsNumber) {
    const std::string first = directory_ + "/first";
    const std::string second = directory_ + "/second";
    auto setup =
        shell("echo one >&3; echo two >&4; [ \"$LISTEN_PID\" = $$ ] && [ ! -e /proc/self/fd/5 ]");
    setup->environment.push_back("LISTEN_PID=");
    lend_ = {first, second};
    EXPECT_EQ(outcome(std::move(setup)), "0");
    EXPECT_EQ(content("first"), "one\n");
    EXPECT_EQ(content("second"), "two\n");
}

TEST_F(SpawnerFilesTest, OnlySoManyDescriptorsAreLent) {
    const pid_t other = ::fork();
    if (other == 0) {
        const auto spawner = Spawner::create();
        int last = -1;
        for (int i = 0; i < kLentFdsMax; ++i) {
            const auto lent = (*spawner)->lend(STDERR_FILENO);
            if (!lent) ::_exit(1);
            last = *lent;
        }
        const auto more = (*spawner)->lend(STDERR_FILENO);
        if (more || more.error().code != EMFILE) ::_exit(2);
        (*spawner)->take_back(last);
        ::_exit((*spawner)->lend(STDERR_FILENO) ? 0 : 3);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(other, &status, 0), other);
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(SpawnerFilesTest, ALongScriptComesWhole) {
    auto setup = shell("");
    setup->arguments = {"/bin/sh", "-e", "/proc/self/fd/9"};
    for (int i = 0; i < 20'000; ++i)
        setup->script += "n=$((n + 1))\n";
    setup->script += "echo $n\n";
    setup->redirections = {{1, directory_ + "/out", -1, kAppend, false}};
    EXPECT_EQ(outcome(std::move(setup)), "0");
    EXPECT_EQ(content("out").substr(0, 6), "20000\n");
}

TEST_F(SpawnerFilesTest, IgnoresSighupWhereItIsAsked) {
    for (const bool ignores : {true, false}) {
        auto setup = shell("kill -HUP $$; exit 5");
        setup->ignores_hangup = ignores;
        EXPECT_EQ(outcome(std::move(setup)) == "5", ignores);
    }
}

TEST_F(SpawnerFilesTest, NamesTheLimitThatCannotBeSet) {
    auto setup = shell("true");
    setup->limits = {{RLIMIT_CORE, {0, 0}}, {RLIMIT_NOFILE, {1ULL << 62, 1ULL << 62}}};
    EXPECT_EQ(outcome(std::move(setup)), "set the nofile limit");
}

TEST_F(SpawnerFilesTest, ChangesTheRootDirectory) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root's rights";
    auto missing = shell("true");
    missing->root_dir = "/does/not/exist";
    EXPECT_EQ(outcome(std::move(missing)), "chroot /does/not/exist");
    std::filesystem::remove(directory_ + "/failure");
    auto setup = shell("true");
    setup->root_dir = directory_;
    EXPECT_EQ(outcome(std::move(setup)), "exec sh") << "there is no shell in there";
}

}  // namespace
}  // namespace reeve::os
