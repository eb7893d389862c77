#include "os/spawner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "os/process.h"

namespace reeve::os {
namespace {

std::unique_ptr<ChildSetup> setup_for(std::vector<std::string> arguments) {
    auto setup = std::make_unique<ChildSetup>();
    setup->executables = {arguments.front()};
    setup->arguments = std::move(arguments);
    setup->environment = {"PATH=/usr/bin:/bin", "GREETING=hello"};
    setup->working_dir = "/";
    return setup;
}

/// Clones with CLONE_PARENT make siblings: a test that wants to wait for them forks once and lets
/// its child be the daemon, itself the keeper.
class SpawnerTest : public ::testing::Test {
protected:
    void SetUp() override {
        ::prctl(PR_SET_CHILD_SUBREAPER, 1);
        output_ = make_log_pipe().value();
    }
    // So that the orphans of the tests that follow are not waited for in place of theirs.
    void TearDown() override { ::prctl(PR_SET_CHILD_SUBREAPER, 0); }

    /// Runs `body` in a process whose parent is this one; returns its exit code.
    int as_daemon(const std::function<int(Spawner&)>& body) {
        const pid_t daemon = ::fork();
        if (daemon == 0) {
            auto spawner = Spawner::create();
            ::_exit(spawner.ok() ? body(**spawner) : 99);
        }
        int status = 0;
        ::waitpid(daemon, &status, 0);
        return WEXITSTATUS(status);
    }

    std::string output() {
        char text[4096];
        const ssize_t got = ::read(output_.get(), text, sizeof text);
        return got > 0 ? std::string(text, static_cast<std::size_t>(got)) : "";
    }

    UniqueFd output_;
};

PendingSpawn::Progress finish(PendingSpawn& spawn) {
    PendingSpawn::Progress progress = spawn.progress();
    for (int tries = 0; tries < 20 && progress == PendingSpawn::Progress::OnItsWay; ++tries) {
        pollfd news{spawn.status_fd(), POLLIN, 0};
        ::poll(&news, 1, 500);
        progress = spawn.progress();
    }
    return progress;
}

TEST_F(SpawnerTest, RunsAProgramAsASiblingWithItsOutputInThePipe) {
    const int code = as_daemon([this](Spawner& spawner) {
        auto spawn = spawner.start(setup_for({"/bin/sh", "-c", "echo $GREETING; exit 7"}),
                                   output_.get(), -1);
        if (!spawn) return 1;
        if (finish(**spawn) != PendingSpawn::Progress::Executed) return 2;
        spawner.finish(std::move(*spawn));
        return 0;
    });
    EXPECT_EQ(code, 0);
    int status = 0;
    EXPECT_GT(::waitpid(-1, &status, 0), 0) << "the run is a child of the daemon's parent";
    EXPECT_EQ(WEXITSTATUS(status), 7);
    EXPECT_EQ(output(), "hello\n");
}

TEST_F(SpawnerTest, AChildHasItsOwnNameUntilItExecutes) {
    const int code = as_daemon([this](Spawner& spawner) {
        const std::string own = read_process_stat(::getpid())->name;
        // Nobody reads it, so that the child stays before its exec.
        const std::string fifo = "/tmp/reeve_spawner_" + std::to_string(::getpid());
        if (::mkfifo(fifo.c_str(), 0600) != 0) return 1;
        auto setup = setup_for({"/bin/true"});
        setup->name = "r-1z141z4";
        setup->cgroup_files = {fifo};
        auto spawn = spawner.start(std::move(setup), output_.get(), -1);
        const std::string parent = read_process_stat(::getpid())->name;
        while (spawn && read_process_stat((*spawn)->pid())->name == own)
            ::sched_yield();
        const std::string child = spawn ? read_process_stat((*spawn)->pid())->name : "";
        const UniqueFd reader = open_file(fifo, O_RDWR).value();  // lets it go on
        const bool done = spawn && finish(**spawn) == PendingSpawn::Progress::Executed;
        ::unlink(fifo.c_str());
        if (!done) return 2;
        const std::string executed = read_process_stat((*spawn)->pid())->name;
        spawner.finish(std::move(*spawn));
        if (parent != own) return 3;
        if (child != "r-1z141z4") return 4;
        return executed == "true" ? 0 : 5;
    });
    EXPECT_EQ(code, 0);
    EXPECT_GT(::waitpid(-1, nullptr, 0), 0);
}

TEST_F(SpawnerTest, NamesTheStepThatFailed) {
    const int code = as_daemon([this](Spawner& spawner) {
        auto setup = setup_for({"/bin/true"});
        setup->working_dir = "/does/not/exist";
        auto spawn = spawner.start(std::move(setup), output_.get(), -1);
        if (!spawn || finish(**spawn) != PendingSpawn::Progress::Failed) return 1;
        if ((*spawn)->stage_text() != "chdir /does/not/exist" || (*spawn)->error() != ENOENT)
            return 2;
        return 0;
    });
    EXPECT_EQ(code, 0);
    ::waitpid(-1, nullptr, 0);
}

TEST_F(SpawnerTest, TellsAProgramThatIsThereButMayNotRunFromOneThatIsMissing) {
    const int code = as_daemon([this](Spawner& spawner) {
        auto setup = setup_for({"hosts"});
        setup->executables = {"/usr/bin/hosts-is-not-here", "/etc/passwd", "/bin/hosts-neither"};
        auto spawn = spawner.start(std::move(setup), output_.get(), -1);
        if (!spawn || finish(**spawn) != PendingSpawn::Progress::Failed) return 1;
        return (*spawn)->error() == EACCES ? 0 : (*spawn)->error();
    });
    EXPECT_EQ(code, 0);
    ::waitpid(-1, nullptr, 0);
}

TEST_F(SpawnerTest, AChildThatHangsHoldsUpNobody) {
    const std::string fifo = "/tmp/reeve-spawner-test-" + std::to_string(::getpid());
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    const int code = as_daemon([&](Spawner& spawner) {
        auto hanging = setup_for({"/bin/true"});
        hanging->cgroup_files = {fifo};  // opened for writing, which waits for a reader
        auto stuck = spawner.start(std::move(hanging), output_.get(), -1);
        if (!stuck) return 1;
        auto other = spawner.start(setup_for({"/bin/true"}), output_.get(), -1);
        if (!other || finish(**other) != PendingSpawn::Progress::Executed) return 2;
        for (int tries = 0; tries < 1000 && (*stuck)->stage_text() != "join its cgroup"; ++tries) {
            ::poll(nullptr, 0, 10);  // a busy machine may not have let it come that far
        }
        if ((*stuck)->progress() == PendingSpawn::Progress::Failed) return 3;
        const std::string stage = (*stuck)->stage_text();
        ::kill((*stuck)->pid(), SIGKILL);
        return stage == "join its cgroup" ? 0 : 4;
    });
    EXPECT_EQ(code, 0);
    const auto reader = open_file(fifo, O_RDONLY | O_NONBLOCK);  // frees a child that still hangs
    ::unlink(fifo.c_str());
    while (::waitpid(-1, nullptr, 0) > 0) {
    }
}

TEST_F(SpawnerTest, GivesTheChildItsLowDescriptorsOnly) {
    const int code = as_daemon([this](Spawner& spawner) {
        std::vector<UniqueFd> many;
        for (int i = 0; i < 300; ++i)
            many.push_back(open_file("/dev/null", O_RDONLY).value());
        // A descriptor that somebody forgot to mark: it lies above the low ones.
        (void)set_close_on_exec(many.back().get(), false);
        auto spawn = spawner.start(setup_for({"/bin/sh", "-c", "ls /proc/self/fd | wc -l"}),
                                   output_.get(), -1);
        if (!spawn || finish(**spawn) != PendingSpawn::Progress::Executed) return 1;
        return 0;
    });
    EXPECT_EQ(code, 0);
    ::waitpid(-1, nullptr, 0);
    EXPECT_EQ(output(), "4\n");  // the standard three and ls's own
}

}  // namespace
}  // namespace reeve::os
