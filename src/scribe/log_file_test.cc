#include "scribe/log_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <gtest/gtest.h>
#include <string>

#include "base/test_directory.h"

namespace reeve::scribe {
namespace {

class LogFileTest : public testing::Test {
protected:
    link::LogSettings settings(std::uint64_t rotate_bytes, std::uint32_t kept) const {
        link::LogSettings result;
        result.path = path_;
        result.rotate_bytes = rotate_bytes;
        result.files_kept = kept;
        return result;
    }

    /// Appends, expecting success; each call is a second after the last.
    void append(LogFile& file, const std::string& text) {
        clock_.nanoseconds += kPathCheckNanoseconds;
        const LogFile::Written written = file.append(text, clock_);
        EXPECT_EQ(written.error, "");
        EXPECT_EQ(written.bytes, text.size());
    }

    TestDirectory directory_;
    std::string path_ = directory_.path() + "/app/deep/web.1.log";
    WallTime clock_{1'000'000'000'000};
};

TEST_F(LogFileTest, CreatesFileAndDirectoriesForTheirGroupOnly) {
    ::umask(022);
    LogFile file(settings(0, 5));
    append(file, "one\n");
    struct stat info {};
    ASSERT_EQ(::stat(path_.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0640U);
    ASSERT_EQ(::stat((directory_.path() + "/app").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0750U);
    EXPECT_EQ(content(path_), "one\n");
}

TEST_F(LogFileTest, RotatesAtTheEndOfALineAndKeepsAsManyFilesAsAsked) {
    LogFile file(settings(10, 3));
    for (const char* text : {"aaaaaa\n", "bbbb", "bbbb\nc\n", "dddddddd\n", "eeeeeeee\n"}) {
        append(file, text);
    }
    EXPECT_EQ(content(path_), "eeeeeeee\n");
    EXPECT_EQ(content(path_ + ".1"), "dddddddd\n");
    EXPECT_EQ(content(path_ + ".2"), "c\n");
    EXPECT_FALSE(std::filesystem::exists(path_ + ".3"));
}

TEST_F(LogFileTest, KeepsTheOldestWhileTheOneBeforeItIsMissing) {
    LogFile file(settings(2, 4));
    for (const char* text : {"a\n", "b\n", "c\n", "d\n"})
        append(file, text);
    std::filesystem::remove(path_ + ".2");
    append(file, "e\n");
    EXPECT_EQ(content(path_ + ".1"), "d\n");
    EXPECT_EQ(content(path_ + ".2"), "c\n");
    EXPECT_EQ(content(path_ + ".3"), "a\n");
}

TEST_F(LogFileTest, NeverCutsALineInTwoFiles) {
    LogFile file(settings(10, 3));
    append(file, "aaaaaaaaaaaa");
    append(file, "aaaaaaaaaaaa");
    append(file, "a\nb\n");
    EXPECT_EQ(content(path_ + ".1"), std::string(25, 'a') + "\n");
    EXPECT_EQ(content(path_), "b\n");
}

TEST_F(LogFileTest, OneFileKeptMeansThatItBeginsAnew) {
    LogFile file(settings(4, 1));
    append(file, "aaa\n");
    append(file, "b\n");
    EXPECT_EQ(content(path_), "b\n");
    EXPECT_FALSE(std::filesystem::exists(path_ + ".1"));
}

TEST_F(LogFileTest, GoesOnInTheOldFileWhenItCannotRotate) {
    LogFile file(settings(10, 2));
    append(file, "aaaaaaaa\n");
    std::filesystem::create_directories(path_ + ".1/in the way");
    append(file, "bbbbbbbb\n");
    append(file, "c\n");
    EXPECT_EQ(content(path_), "aaaaaaaa\nbbbbbbbb\nc\n");
}

TEST_F(LogFileTest, OpensAnewWhatWasRemovedOrMovedAway) {
    LogFile file(settings(0, 5));
    append(file, "one\n");
    ASSERT_EQ(::unlink(path_.c_str()), 0);
    append(file, "two\n");
    EXPECT_EQ(content(path_), "two\n");
    std::filesystem::rename(path_, path_ + ".moved");
    append(file, "three\n");
    EXPECT_EQ(content(path_), "three\n");
}

TEST_F(LogFileTest, RemembersOverACloseThatItsLastLineIsUnfinished) {
    LogFile first(settings(0, 5));
    append(first, "unfinished");
    EXPECT_TRUE(first.ends_mid_line());
    LogFile second(settings(0, 5));
    ASSERT_TRUE(second.open().ok());
    EXPECT_TRUE(second.ends_mid_line());
    append(second, " line\n");
    second.close();
    ASSERT_TRUE(second.open().ok());
    EXPECT_FALSE(second.ends_mid_line());
    EXPECT_EQ(content(path_), "unfinished line\n");
}

TEST_F(LogFileTest, FollowsNoLinkAndWritesToNothingButFiles) {
    std::filesystem::create_directories(directory_.path() + "/app/deep");
    std::filesystem::create_symlink("/dev/null", path_);
    LogFile file(settings(0, 5));
    EXPECT_NE(file.append("x\n", clock_).error, "");
    ASSERT_EQ(::unlink(path_.c_str()), 0);
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    EXPECT_EQ(file.append("x\n", clock_).error, "open " + path_ + ": not a regular file");
}

}  // namespace
}  // namespace reeve::scribe
