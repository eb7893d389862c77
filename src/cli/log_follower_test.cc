#include "cli/log_follower.h"

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
