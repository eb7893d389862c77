#include "scribe/log.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>

#include "base/test_directory.h"

namespace reeve::scribe {
namespace {

constexpr char kStampA[] = "2026-11-20T12:17:24.123456Z ";
constexpr char kStampB[] = "2026-11-20T12:17:24.623456Z ";
constexpr WallTime kTimeA{1'795'177'044'123'456'000};
constexpr WallTime kTimeB{1'795'177'044'623'456'000};  // later than kWriteRetryPause

/// While it lives, files of this process cannot grow beyond so many bytes.
class FileSizeLimit {
public:
    explicit FileSizeLimit(std::size_t bytes) {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit limit = before_;
        limit.rlim_cur = bytes;
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
    rlimit before_{};
};

class LogTest : public testing::Test {
protected:
    void feed(const std::string& text) {
        ASSERT_EQ(::write(pipe_.get(), text.data(), text.size()),
                  static_cast<ssize_t>(text.size()));
    }
    void feed_and_pump(Log& log, const std::string& text, WallTime now) {
        feed(text);
        while (log.pump(now) == Log::Pumped::More) {
        }
    }
    /// So many lines of different lengths, all of them in the pipe.
    std::string feed_lines(int count) {
        EXPECT_GE(::fcntl(pipe_.get(), F_SETPIPE_SZ, 1 << 20), 1 << 20);
        std::string text;
        for (int i = 0; i < count; ++i) {
            const std::string rest(static_cast<std::size_t>(i) % 90, '.');
            text += "line " + std::to_string(i) + rest + "\n";
        }
        feed(text);
        return text;
    }
    std::unique_ptr<Log> make_log(link::PipeAge age) { return make_log(age, path_); }
    std::unique_ptr<Log> make_log(link::PipeAge age, const std::string& path) {
        link::LogSettings settings;
        settings.path = path;
        auto log = std::make_unique<Log>(7, settings, os::duplicate(pipe_.get()).value(), bench_);
        log->begin(age, kTimeA);
        return log;
    }

    TestDirectory directory_;
    std::string path_ = directory_.path() + "/web.1.log";
    os::UniqueFd pipe_ = os::make_log_pipe().value();
    Workbench bench_;
};

TEST_F(LogTest, StampsEachLineAndKeepsPartsOfALineTogether) {
    const auto log = make_log(link::PipeAge::Fresh);
    feed_and_pump(*log, "one\ntw", kTimeA);
    feed_and_pump(*log, "o\nthree\n", kTimeB);
    EXPECT_EQ(content(path_),
              std::string(kStampA) + "one\n" + kStampA + "two\n" + kStampB + "three\n");
    EXPECT_EQ(log->pump(kTimeB), Log::Pumped::Drained);
    EXPECT_FALSE(log->take_report().has_value());
}

TEST_F(LogTest, ANewScribeContinuesTheUnfinishedLineOfTheSamePipeOnly) {
    feed_and_pump(*make_log(link::PipeAge::Fresh), "unfin", kTimeA);
    feed_and_pump(*make_log(link::PipeAge::Continued), "ished\nand", kTimeB);
    feed_and_pump(*make_log(link::PipeAge::Fresh), "other\n", kTimeB);
    EXPECT_EQ(content(path_),
              std::string(kStampA) + "unfinished\n" + kStampB + "and\n" + kStampB + "other\n");
}

TEST_F(LogTest, WritesAllOfWhatManyReadsOfOneTurnBring) {
    constexpr int kLines = 10'000;
    const auto log = make_log(link::PipeAge::Fresh);
    const std::string text = feed_lines(kLines);
    ASSERT_GT(text.size(), 5 * kReadBytesMax);
    EXPECT_EQ(log->pump(kTimeA), Log::Pumped::Drained);
    std::string written = content(path_);
    ASSERT_EQ(written.size(), text.size() + kLines * kStampBytes);
    std::string without_stamps;
    for (std::size_t at = 0; at < written.size();) {
        ASSERT_EQ(written.compare(at, kStampBytes, kStampA), 0) << at;
        const std::size_t end = written.find('\n', at) + 1;
        without_stamps += written.substr(at + kStampBytes, end - at - kStampBytes);
        at = end;
    }
    EXPECT_TRUE(without_stamps == text);
}

TEST_F(LogTest, CountsEveryLineOfATurnWhereverWritingFails) {
    constexpr int kLines = 8'000;
    for (const std::size_t limit : {1UL, 40'000UL, 65'535UL, 65'536UL, 65'537UL, 65'560UL,
                                    131'071UL, 131'080UL, 200'000UL, 262'150UL}) {
        const std::string path = path_ + std::to_string(limit);
        const auto log = make_log(link::PipeAge::Fresh, path);
        const std::string text = feed_lines(kLines);
        std::string kept;
        {
            const FileSizeLimit full(limit);
            EXPECT_EQ(log->pump(kTimeA), Log::Pumped::Drained);
            kept = content(path);
        }
        ASSERT_TRUE(log->losing());
        EXPECT_EQ(kept.size(), limit);
        const auto whole = std::count(kept.begin(), kept.end(), '\n');
        const std::size_t last = kept.rfind('\n') + 1;  // npos + 1: none
        const std::size_t torn = kept.size() - last - std::min(kept.size() - last, kStampBytes);
        const std::size_t stamps = static_cast<std::size_t>(whole) * kStampBytes;
        log->retry(kTimeB);
        EXPECT_FALSE(log->losing());
        const std::optional<link::Trouble> trouble = log->take_report();
        ASSERT_TRUE(trouble.has_value());
        EXPECT_EQ(trouble->lost_lines, static_cast<std::uint64_t>(kLines - whole)) << limit;
        EXPECT_EQ(trouble->lost_bytes, text.size() - (last - stamps) - torn) << limit;
    }
}

TEST_F(LogTest, CountsWhatCannotBeWrittenAndSaysSoWhenItCanAgain) {
    const auto log = make_log(link::PipeAge::Fresh);
    feed_and_pump(*log, "kept\n", kTimeA);
    {
        const FileSizeLimit full(48);  // in the middle of the second line
        feed_and_pump(*log, "to be torn\nlost\nha", kTimeA);
        EXPECT_TRUE(log->losing());
        const std::optional<link::Trouble> begun = log->take_report();
        ASSERT_TRUE(begun.has_value());
        EXPECT_EQ(begun->stage, link::TroubleStage::Begun);
        EXPECT_EQ(begun->lost_lines, 3U);
        EXPECT_EQ(begun->message, path_ + ": lines are being lost: File too large");
        feed_and_pump(*log, "lf\nmore\nskipped", kTimeA);
        log->retry(kTimeB);
        EXPECT_TRUE(log->losing());
    }
    log->retry(kTimeB);  // too soon after the last attempt
    EXPECT_TRUE(log->losing());
    const WallTime later{kTimeB.nanoseconds + kWriteRetryPause.count()};
    log->retry(later);
    EXPECT_FALSE(log->losing());
    feed_and_pump(*log, " rest\nwhole again\n", kTimeB);

    const std::string text = content(path_);
    EXPECT_EQ(text.substr(0, 48), (std::string(kStampA) + "kept\n" + kStampA).substr(0, 48));
    EXPECT_NE(text.find("[reeve: the rest of this line is lost]\n"), std::string::npos);
    EXPECT_NE(text.find("reeve: 5 lines (33 bytes) were lost: File too large\n"), std::string::npos)
        << text;
    EXPECT_TRUE(text.ends_with(std::string("\n") + kStampB + "whole again\n")) << text;
    EXPECT_EQ(text.find("rest\n" + std::string(kStampB)), std::string::npos);
    const std::optional<link::Trouble> over = log->take_report();
    ASSERT_TRUE(over.has_value());
    EXPECT_EQ(over->stage, link::TroubleStage::Over);
    EXPECT_EQ(over->lost_lines, 5U);
    EXPECT_EQ(over->message, path_ + ": 5 lines (33 bytes) were lost: File too large");
}

TEST_F(LogTest, ANoteThatIsTornItselfIsFinishedLater) {
    const auto log = make_log(link::PipeAge::Fresh);
    feed_and_pump(*log, "kept\n", kTimeA);
    std::int64_t now = kTimeA.nanoseconds;
    for (std::size_t limit = 33; limit < 160; limit += 7) {  // a little more room each time
        const FileSizeLimit full(limit);
        now += kWriteRetryPause.count();
        feed_and_pump(*log, "x\n", WallTime{now});
        EXPECT_TRUE(log->losing());
    }
    now += kWriteRetryPause.count();
    feed_and_pump(*log, "whole\n", WallTime{now});
    const std::string text = content(path_);
    std::size_t told = 0;
    for (std::size_t at = text.find("reeve: "); at != std::string::npos;
         at = text.find("reeve: ", at + 1)) {
        if (text[at - 1] == '[') continue;  // a mark
        EXPECT_EQ(text.find(" were lost: File too large\n", at) != std::string::npos ||
                      text.find(" was lost: File too large\n", at) != std::string::npos,
                  true);
        told += static_cast<std::size_t>(std::stoul(text.substr(at + 7)));
    }
    EXPECT_EQ(told, 19U) << text;  // every line that was dropped, each once
    EXPECT_TRUE(text.ends_with("Z whole\n")) << text;
}

TEST_F(LogTest, ADirectoryThatCannotBeMadeIsALossToo) {
    std::filesystem::create_directories(directory_.path() + "/d");
    const auto log = make_log(link::PipeAge::Fresh, directory_.path() + "/file/web.1.log");
    { std::ofstream(directory_.path() + "/file") << "in the way"; }
    std::filesystem::remove_all(directory_.path() + "/file");
    { std::ofstream(directory_.path() + "/file") << "in the way"; }
    const auto blocked = make_log(link::PipeAge::Fresh, directory_.path() + "/file/web.2.log");
    feed_and_pump(*blocked, "x\n", kTimeA);
    EXPECT_TRUE(blocked->losing());
    std::filesystem::remove(directory_.path() + "/file");
    feed_and_pump(*blocked, "y\n", kTimeB);
    EXPECT_FALSE(blocked->losing());
    EXPECT_EQ(content(directory_.path() + "/file/web.2.log"),
              std::string(kStampB) + "reeve: 1 line (2 bytes) was lost: open " + directory_.path() +
                  "/file/web.2.log: Not a directory\n" + kStampB + "y\n");
}

TEST_F(LogTest, TellsWhichLogAKilledScribeHadInItsHands) {
    const std::string marker = directory_.path() + "/in-flight";
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        InFlight in_flight = InFlight::open(marker).value();
        in_flight.begin(7);
        ::kill(::getpid(), SIGKILL);
    }
    ::waitpid(child, nullptr, 0);
    bench_.in_flight = InFlight::open(marker).value();
    EXPECT_FALSE(bench_.in_flight.was_interrupted(8));
    bench_.in_flight = InFlight();
    bench_.in_flight = InFlight::open(marker).value();  // a scribe that died before it could say so
    const auto log = make_log(link::PipeAge::Continued);
    ASSERT_TRUE(log->take_report().has_value());
    EXPECT_NE(content(path_).find("up to 64 KiB may be missing here\n"), std::string::npos);
    EXPECT_FALSE(make_log(link::PipeAge::Continued)->take_report().has_value());
}

}  // namespace
}  // namespace reeve::scribe
