#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace reeve::os {
namespace {

bool waits(int fd) {
    return (::fcntl(fd, F_GETFL) & O_NONBLOCK) == 0;
}

TEST(LogPipeTest, AProgramWaitsOnAFullPipeAndItsReaderDoesNot) {
    const UniqueFd pipe = make_log_pipe().value();
    const UniqueFd writer = open_writing_end(pipe.get()).value();
    EXPECT_TRUE(waits(writer.get()));
    EXPECT_FALSE(waits(pipe.get()));
}

TEST(LogPipeTest, WhatAProgramWritesComesOutOfThePipe) {
    const UniqueFd pipe = make_log_pipe().value();
    const UniqueFd writer = open_writing_end(pipe.get()).value();
    ASSERT_EQ(::write(writer.get(), "line\n", 5), 5);
    char text[8];
    EXPECT_EQ(::read(pipe.get(), text, sizeof text), 5);
}

TEST(LogPipeTest, OutlivesItsWriters) {
    const UniqueFd pipe = make_log_pipe().value();
    { const UniqueFd writer = open_writing_end(pipe.get()).value(); }
    char text[8];
    EXPECT_EQ(::read(pipe.get(), text, sizeof text), -1);
    EXPECT_EQ(errno, EAGAIN);  // and not 0, the end of the file
}

TEST(LogPipeTest, AWriterOutlivesEveryReader) {
    UniqueFd pipe = make_log_pipe().value();
    const UniqueFd writer = open_writing_end(pipe.get()).value();
    pipe.reset();
    EXPECT_EQ(::write(writer.get(), "line\n", 5), 5);  // and neither EPIPE nor SIGPIPE
}

TEST(FdTest, ABoundedMemoryFileKeepsItsEndAndTakesNoMore) {
    Result<UniqueFd> file = make_bounded_memory_file("test", 16);
    ASSERT_TRUE(file.ok()) << file.error().message;
    EXPECT_EQ(tail_of(file->get(), 4), "");
    ASSERT_EQ(::write(file->get(), "abcdefgh", 8), 8);
    EXPECT_EQ(tail_of(file->get(), 3), "fgh");
    EXPECT_EQ(tail_of(file->get(), 100), "abcdefgh");
    EXPECT_EQ(::write(file->get(), "0123456789", 10), -1);
}

}  // namespace
}  // namespace reeve::os
