#include "daemon/bluepill_pids.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <gtest/gtest.h>

#include "base/test_directory.h"
#include "os/fd.h"

namespace reeve::daemon {
namespace {

class BluepillPidsTest : public testing::Test {
protected:
    void SetUp() override {
        app_.name = "shop";
        app_.format = spec::Format::Bluepill;
        app_.environment["BLUEPILL_BASE_DIR"] = base_;
    }

    std::string file() const { return base_ + "/pids/shop.pid"; }
    std::string content() const {
        const Result<std::string> text = os::read_file(file(), 100);
        return text ? *text : "none";
    }

    TestDirectory directory_;
    std::string base_ = directory_.path();
    spec::App app_;
};

TEST_F(BluepillPidsTest, AFileNamesThisProcessAsLongAsTheAppIsKnown) {
    BluepillPids pids;
    pids.note_app("shop", &app_, true);
    EXPECT_EQ(content(), std::to_string(::getpid()));
    pids.note_app("shop", nullptr, true);
    EXPECT_EQ(content(), "none");
}

TEST_F(BluepillPidsTest, NobodyWhoDoesNotAskGetsOne) {
    BluepillPids pids;
    pids.note_app("shop", &app_, false);
    EXPECT_EQ(content(), "none");
    app_.format = spec::Format::Procfile;
    pids.note_app("shop", &app_, true);
    EXPECT_EQ(content(), "none");
}

TEST_F(BluepillPidsTest, TheFilesGoWithTheirProcessAndFollowTheBaseDirectory) {
    {
        BluepillPids pids;
        pids.note_app("shop", &app_, true);
        app_.environment["BLUEPILL_BASE_DIR"] = base_ + "/other";
        pids.note_app("shop", &app_, true);
        EXPECT_EQ(content(), "none");
        EXPECT_TRUE(std::filesystem::exists(base_ + "/other/pids/shop.pid"));
    }
    EXPECT_FALSE(std::filesystem::exists(base_ + "/other/pids/shop.pid"));
}

TEST_F(BluepillPidsTest, ADirectoryThatOthersMayWriteGetsNone) {
    ASSERT_EQ(::mkdir((base_ + "/pids").c_str(), 0700), 0);
    ASSERT_EQ(::chmod((base_ + "/pids").c_str(), 0777), 0);
    BluepillPids pids;
    pids.note_app("shop", &app_, true);
    EXPECT_EQ(content(), "none");
}

}  // namespace
}  // namespace reeve::daemon
