#include "os/foreign_pipes.h"

#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace reeve::os {
namespace {

std::uint64_t inode_of(const UniqueFd& fd) {
    struct stat info {};
    EXPECT_EQ(::fstat(fd.get(), &info), 0);
    return static_cast<std::uint64_t>(info.st_ino);
}

TEST(ForeignPipesTest, WhatWasWrittenBeforeComesOutOfTheOneThatIsWanted) {
    const UniqueFd wanted = make_log_pipe().value();
    const UniqueFd other = make_log_pipe().value();
    const UniqueFd no_pipe = make_memory_file("test").value();
    ASSERT_EQ(::write(wanted.get(), "line\n", 5), 5);
    const std::uint64_t inode = inode_of(wanted);
    std::map<std::uint64_t, UniqueFd> found =
        open_pipes_of(::getpid(), [&](std::uint64_t one) { return one == inode; });
    ASSERT_EQ(found.size(), 1U);
    EXPECT_NE(found[inode].get(), wanted.get());
    char text[8];
    EXPECT_EQ(::read(found[inode].get(), text, sizeof text), 5);
    EXPECT_EQ(::read(found[inode].get(), text, sizeof text), -1);
    EXPECT_EQ(errno, EAGAIN);
}

TEST(ForeignPipesTest, AProcessThatIsNotThereHasNone) {
    EXPECT_TRUE(open_pipes_of(0x7FFFFFFF, [](std::uint64_t) { return true; }).empty());
}

}  // namespace
}  // namespace reeve::os
