#include "daemon/crash_notices.h"

#include <gtest/gtest.h>

#include "base/test_directory.h"

namespace reeve::daemon {
namespace {

class CrashNoticesTest : public ::testing::Test {
protected:
    std::string log() const { return directory_.path("log"); }
    void write(const std::string& text) const { directory_.write("log", text); }

private:
    TestDirectory directory_;
};

status::Transition crash() {
    status::Transition transition;
    transition.instance = {"shop", "web", 2, ""};
    transition.from = status::State::Starting;
    transition.to = status::State::CrashLooping;
    transition.reason = "exited with code 1 after 3ms; next start in 8s";
    transition.cause = {status::CauseKind::ProcessExit, 7, "web.2 (pid 9) exited with code 1"};
    transition.begins_crash_loop = true;
    return transition;
}

TEST_F(CrashNoticesTest, TheLastTwentyLinesAreFound) {
    std::string text;
    for (int line = 1; line <= 2000; ++line)
        text += "line " + std::to_string(line) + "\n";
    write(text);
    const std::vector<std::string> lines = last_lines(log());
    ASSERT_EQ(lines.size(), kNoticeLinesMax);
    EXPECT_EQ(lines.front(), "line 1981");
    EXPECT_EQ(lines.back(), "line 2000");
}

TEST_F(CrashNoticesTest, AShortFileIsReadFromItsBeginning) {
    write("one\ntwo");
    EXPECT_EQ(last_lines(log()), (std::vector<std::string>{"one", "two"}));
}

TEST_F(CrashNoticesTest, WhatIsNoFileHasNoLines) {
    EXPECT_TRUE(last_lines(log()).empty()) << "it is not there";
    EXPECT_TRUE(last_lines("/dev/zero").empty());
    ASSERT_EQ(::symlink("/etc/passwd", log().c_str()), 0);
    EXPECT_TRUE(last_lines(log()).empty()) << "a link leads elsewhere";
}

TEST_F(CrashNoticesTest, ALineWithoutABeginningIsLeftOut) {
    write(std::string(40'000, 'x') + "\nlast\n");
    EXPECT_EQ(last_lines(log()), std::vector<std::string>{"last"});
    write(std::string(40'000, 'x'));
    EXPECT_TRUE(last_lines(log()).empty());
}

TEST(CrashNoticeTest, TheNoticeIsNoChangeOfState) {
    const status::Transition notice = notice_of(crash(), {"a", "b"});
    EXPECT_EQ(notice.from, notice.to);
    EXPECT_FALSE(notice.begins_crash_loop);
    EXPECT_EQ(notice.reason, "it ends again and again; the end of its log:\na\nb");
    EXPECT_EQ(notice_of(crash(), {}).reason,
              "it ends again and again, and has written nothing to its log");
}

TEST(CrashNoticeTest, TheNewestLinesAreKeptWhereThereIsNoRoomForAll) {
    const std::string reason =
        notice_of(crash(), {std::string(1500, 'a'), std::string(1500, 'b')}).reason;
    EXPECT_EQ(reason.find("\na"), std::string::npos);
    EXPECT_NE(reason.find("\nb"), std::string::npos);
    const std::string cut = notice_of(crash(), {std::string(5000, 'c')}).reason;
    EXPECT_NE(cut.find("\nccc"), std::string::npos);
    EXPECT_LT(cut.size(), 2000U);
}

TEST(CrashNoticeTest, JobsHearWhatItIsAbout) {
    const spec::NamedEvent event = event_of(notice_of(crash(), {"a", "b"}));
    EXPECT_EQ(event.name, "crash-looping");
    EXPECT_EQ(*spec::find_variable(event.variables, "APP"), "shop");
    EXPECT_EQ(*spec::find_variable(event.variables, "INSTANCE"), "web.2");
    EXPECT_EQ(*spec::find_variable(event.variables, "LOG_END"), "a\nb");
    EXPECT_EQ(*spec::find_variable(event_of(notice_of(crash(), {})).variables, "LOG_END"), "");
}

}  // namespace
}  // namespace reeve::daemon
