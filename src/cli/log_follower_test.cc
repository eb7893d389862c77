#include "cli/log_follower.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <gtest/gtest.h>

#include "base/test_directory.h"

namespace reeve::cli {
namespace {

class LogFollowerTest : public testing::Test {
protected:
    LogFollowerTest() : follower_(LogFollower::create().value()) {}

    /// What is told now, each line with the number of its source.
    std::string told() {
        std::string text;
        follower_.read([&](std::size_t source, std::string_view line) {
            text += std::to_string(source) + ":" + std::string(line) + "\n";
        });
        return text;
    }

    void follow(const std::string& name, std::size_t source) {
        follower_.add(directory_.path() + "/" + name, source, 0);
    }

    TestDirectory directory_;
    LogFollower follower_;
};

TEST_F(LogFollowerTest, TellsWholeLinesAsTheyCome) {
    directory_.write("a.log", "one\ntw");
    follow("a.log", 7);
    EXPECT_EQ(told(), "7:one\n");
    EXPECT_EQ(told(), "");
    directory_.append("a.log", "o\nthree\n");
    EXPECT_EQ(told(), "7:two\n7:three\n");
}

TEST_F(LogFollowerTest, BeginsWhereItIsToldTo) {
    directory_.write("a.log", "one\ntwo\n");
    follower_.add(directory_.path() + "/a.log", 1, 4);
    EXPECT_EQ(told(), "1:two\n");
}

TEST_F(LogFollowerTest, GoesOnInTheNewFileAfterARotation) {
    directory_.write("a.log", "one\n");
    follow("a.log", 1);
    EXPECT_EQ(told(), "1:one\n");
    directory_.append("a.log", "two\n");
    directory_.rename("a.log", "a.log.1");
    directory_.append("a.log.1", "three\n");
    directory_.write("a.log", "four\n");
    EXPECT_EQ(told(), "1:two\n1:three\n1:four\n");
    directory_.append("a.log", "five\n");
    EXPECT_EQ(told(), "1:five\n");
}

TEST_F(LogFollowerTest, KeepsReadingAFileThatWasOnlySetAside) {
    directory_.write("a.log", "one\n");
    follow("a.log", 1);
    EXPECT_EQ(told(), "1:one\n");
    directory_.rename("a.log", "a.log.1");
    EXPECT_EQ(told(), "");
    directory_.append("a.log.1", "two\n");
    directory_.write("a.log", "three\n");
    EXPECT_EQ(told(), "1:two\n1:three\n");
}

TEST_F(LogFollowerTest, StartsAnewInAFileThatWasEmptied) {
    directory_.write("a.log", "one\ntwo\n");
    follow("a.log", 1);
    told();
    directory_.write("a.log", "x\n");
    EXPECT_EQ(told(), "1:x\n");
}

TEST_F(LogFollowerTest, WaitsForFilesAndDirectoriesThatAreNotThereYet) {
    follow("x/y/a.log", 3);
    EXPECT_EQ(told(), "");
    std::filesystem::create_directory(directory_.path() + "/x");
    EXPECT_EQ(told(), "");
    std::filesystem::create_directory(directory_.path() + "/x/y");
    EXPECT_EQ(told(), "");
    directory_.write("x/y/a.log", "one\n");
    EXPECT_EQ(told(), "3:one\n");
}

TEST_F(LogFollowerTest, FindsWhatWasBornTogether) {
    follow("x/y/a.log", 3);
    std::filesystem::create_directories(directory_.path() + "/x/y");
    directory_.write("x/y/a.log", "one\n");
    EXPECT_EQ(told(), "3:one\n");
}

TEST_F(LogFollowerTest, MissesNoDirectoryThatIsBornWhileItLooks) {
    constexpr int kRounds = 100;
    void* shared = ::mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(shared, MAP_FAILED);
    auto& begun = *static_cast<std::atomic<int>*>(shared);
    const auto path = [&](int round, const char* below) {
        return directory_.path() + "/" + std::to_string(round) + below;
    };
    const pid_t other = ::fork();
    if (other == 0) {
        for (int round = 1; round <= kRounds; ++round) {
            while (begun < round)
                continue;
            for (int pause = 0; pause < round * 60; ++pause)
                std::atomic_signal_fence(std::memory_order_seq_cst);
            std::filesystem::create_directory(path(round, ""));
            std::filesystem::create_directory(path(round, "/shop"));
            directory_.write(std::to_string(round) + "/shop/web.log", "one\n");
            begun = -round;
            while (begun < 0)
                continue;
        }
        ::_exit(0);
    }
    int missed = 0;
    for (int round = 1; round <= kRounds; ++round) {
        follower_ = LogFollower::create().value();
        begun = round;
        follow(std::to_string(round) + "/shop/web.log", 1);
        std::string text = told();
        while (begun != -round)
            continue;
        for (int look = 0; look < 3 && text.empty(); ++look)
            text = told();  // an event for each directory
        missed += text != "1:one\n";
        begun = 0;
    }
    ::waitpid(other, nullptr, 0);
    ::munmap(shared, sizeof(std::atomic<int>));
    EXPECT_EQ(missed, 0);
}

TEST_F(LogFollowerTest, TellsTheUnfinishedLineAtTheEnd) {
    directory_.write("a.log", "one\nrest");
    follow("a.log", 1);
    std::string text;
    follower_.finish([&](std::size_t, std::string_view line) { text += std::string(line) + ";"; });
    EXPECT_EQ(text, "one;rest;");
}

TEST_F(LogFollowerTest, TellsFilesApart) {
    follow("a.log", 1);
    follow("b.log", 2);
    directory_.write("b.log", "bee\n");
    directory_.write("c.log", "sea\n");
    EXPECT_EQ(told(), "2:bee\n");
}

}  // namespace
}  // namespace reeve::cli
