#include "drivers/file_events.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <event2/event.h>
#include <filesystem>
#include <gtest/gtest.h>

#include "base/test_directory.h"
#include "os/fd.h"

namespace reeve::drivers {
namespace {

/// A directory of its own, and what was heard of it.
struct Heard {
    TestDirectory own;
    std::string directory = own.path();
    event_base* loop = ::event_base_new();
    std::string text;
    std::optional<FileEvents> files;

    Heard() {
        auto created = FileEvents::create(
            loop, FileEvents::Permissions::Told,
            [this](const spec::NamedEvent& event) { text += to_text(event) + "\n"; });
        files.emplace(std::move(*created));
    }
    ~Heard() {
        files.reset();
        ::event_base_free(loop);
    }
    void write(const std::string& name) const {
        const auto fd = os::open_file(directory + "/" + name, O_WRONLY | O_CREAT, 0600);
        ASSERT_TRUE(fd.ok());
        ASSERT_EQ(::write(fd->get(), "x", 1), 1);
    }
    /// Everything that was heard by the time that `awaited` was, without the directory's name.
    std::string until(const std::string& awaited) {
        while (text.find(awaited) == std::string::npos)
            ::event_base_loop(loop, EVLOOP_ONCE);
        std::string shown = std::exchange(text, "");
        for (std::size_t at = 0; (at = shown.find(directory, at)) != std::string::npos;)
            shown.replace(at, directory.size(), "DIR");
        return shown;
    }
};

TEST(FileEventsTest, HearsOfOneFile) {
    Heard heard;
    heard.files->watch({heard.directory + "/a"}, FileEvents::Present::Created);
    EXPECT_EQ(heard.text, "");
    heard.write("b");
    heard.write("a");
    EXPECT_EQ(heard.until("modify"),
              "file FILE=DIR/a EVENT=create\nfile FILE=DIR/a EVENT=modify\n");
    ASSERT_EQ(::unlink((heard.directory + "/a").c_str()), 0);
    EXPECT_EQ(heard.until("delete"), "file FILE=DIR/a EVENT=delete\n");
}

TEST(FileEventsTest, HearsOfPermissionsWhereThatIsWanted) {
    Heard heard;
    heard.write("a");
    heard.files->watch({heard.directory + "/a"}, FileEvents::Present::Known);
    ASSERT_EQ(::chmod((heard.directory + "/a").c_str(), 0700), 0);
    EXPECT_EQ(heard.until("attribute"), "file FILE=DIR/a EVENT=attribute\n");
}

TEST(FileEventsTest, AFileAppearsBehindALink) {
    Heard heard;
    std::filesystem::create_directory(heard.directory + "/release");
    heard.write("release/a");
    heard.files->watch({heard.directory + "/current/a"}, FileEvents::Present::Known);
    std::filesystem::create_directory_symlink("release", heard.directory + "/current");
    EXPECT_EQ(heard.until("create"), "file FILE=DIR/current/a EVENT=create\n");
}

TEST(FileEventsTest, WhatIsThereAlreadyCountsAsCreated) {
    Heard heard;
    heard.write("a");
    heard.files->watch({heard.directory + "/a"}, FileEvents::Present::Created);
    EXPECT_EQ(heard.until("create"), "file FILE=DIR/a EVENT=create\n");
    heard.files->watch({heard.directory + "/a", heard.directory + "/b"},
                       FileEvents::Present::Created);
    EXPECT_EQ(heard.text, "");
}

TEST(FileEventsTest, WhatIsKnownIsNotTold) {
    Heard heard;
    heard.write("a");
    heard.files->watch({heard.directory + "/a"}, FileEvents::Present::Known);
    EXPECT_EQ(heard.text, "");
    heard.write("a");
    EXPECT_EQ(heard.until("modify"), "file FILE=DIR/a EVENT=modify\n");
}

TEST(FileEventsTest, KnowsPatternsAndDirectories) {
    Heard heard;
    heard.files->watch({heard.directory + "/*.log", heard.directory + "/"},
                       FileEvents::Present::Created);
    heard.write("x.log");
    EXPECT_EQ(heard.until("FILE=" + heard.directory + "/*.log EVENT=modify"),
              "file FILE=DIR/ EVENT=create MATCH=DIR/x.log\n"
              "file FILE=DIR/*.log EVENT=create MATCH=DIR/x.log\n"
              "file FILE=DIR/ EVENT=modify MATCH=DIR/x.log\n"
              "file FILE=DIR/*.log EVENT=modify MATCH=DIR/x.log\n");
}

TEST(FileEventsTest, WaitsForDirectoriesOnTheWay) {
    Heard heard;
    heard.files->watch({heard.directory + "/one/two/file"}, FileEvents::Present::Created);
    ASSERT_EQ(::mkdir((heard.directory + "/one").c_str(), 0700), 0);
    ASSERT_EQ(::mkdir((heard.directory + "/one/two").c_str(), 0700), 0);
    heard.write("one/two/file");
    EXPECT_NE(heard.until("create").find("file FILE=DIR/one/two/file EVENT=create\n"),
              std::string::npos);
}

}  // namespace
}  // namespace reeve::drivers
