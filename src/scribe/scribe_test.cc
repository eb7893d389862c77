#include "scribe/scribe.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/test_directory.h"
#include "base/text.h"
#include "link/keeper_protocol.h"
#include "scribe/log_set.h"

namespace reeve::scribe {
namespace {

WallTime test_clock() {
    return WallTime{1'795'177'044'123'456'000};
}

constexpr char kStamp[] = "2026-11-20T12:17:24.123456Z ";

/// The keeper's and reeved's ends of a scribe's links.
class Neighbours {
public:
    Neighbours() {
        auto ends = link::make_link().value();
        keeper_ = link::Channel(std::move(ends.first));
        control_ = std::move(ends.second);
    }

    os::UniqueFd take_control() { return std::move(control_); }
    /// A reeved begins: the keeper hands its link over.
    void new_reeved() {
        auto ends = link::make_link().value();
        reeved_ = link::Channel(std::move(ends.first));
        link::Message message;
        message.type = static_cast<std::uint32_t>(link::KeeperToScribe::ReevedLink);
        message.fds.push_back(std::move(ends.second));
        EXPECT_TRUE(keeper_.send(std::move(message)).ok());
    }
    void reeved_dies() { reeved_ = link::Channel(); }
    void keeper_dies() { keeper_ = link::Channel(); }
    void keeper_asks_for_the_end() {
        link::Message message;
        message.type = static_cast<std::uint32_t>(link::KeeperToScribe::Finish);
        EXPECT_TRUE(keeper_.send(std::move(message)).ok());
    }

    void ask(link::ScribeRequest request) {
        EXPECT_TRUE(reeved_.send(link::encode(std::move(request))).ok());
    }
    void send(link::Message message) { EXPECT_TRUE(reeved_.send(std::move(message)).ok()); }
    void open_log(link::LogId log, const std::string& path, int pipe) {
        link::LogSettings settings;
        settings.path = path;
        settings.rotate_bytes = 0;
        ask(link::OpenLog{log, settings, link::PipeAge::Continued, os::duplicate(pipe).value()});
    }
    std::optional<link::ScribeReply> reply() {
        link::Message message;
        if (reeved_.receive(message) != link::Channel::Received::Message) return std::nullopt;
        return link::decode_reply(message).value();
    }

private:
    link::Channel keeper_;
    link::Channel reeved_;
    os::UniqueFd control_;
};

class ScribeTest : public testing::Test {
protected:
    ScribeTest() {
        settings_.state_dir = directory_.path();
        settings_.clock = test_clock;
        start();
    }

    void start() {
        neighbours_ = std::make_unique<Neighbours>();
        scribe_ = Scribe::create(settings_, neighbours_->take_control(), {}).value();
        new_reeved();
    }
    void new_reeved() {
        neighbours_->new_reeved();
        turn();
        EXPECT_TRUE(std::holds_alternative<link::ScribeHello>(next()));
    }
    /// Does everything that there is to do.
    void turn() {
        for (int i = 0; i < 4; ++i)
            ASSERT_TRUE(scribe_->turn(0s));
    }
    /// The next reply, which must be there.
    link::ScribeReply next() {
        std::optional<link::ScribeReply> reply = neighbours_->reply();
        EXPECT_TRUE(reply.has_value());
        return reply ? std::move(*reply) : link::ScribeReply(link::UnknownMessage{});
    }
    template <typename T>
    T next_as() {
        link::ScribeReply reply = next();
        EXPECT_TRUE(std::holds_alternative<T>(reply)) << reply.index();
        T* content = std::get_if<T>(&reply);
        return content == nullptr ? T{} : std::move(*content);
    }
    void expect_silence() { EXPECT_FALSE(neighbours_->reply().has_value()); }

    static void feed(const os::UniqueFd& pipe, const std::string& text) {
        ASSERT_EQ(::write(pipe.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }

    std::string log_path(int number) const {
        return directory_.path() + "/log/" + std::to_string(number) + ".log";
    }

    TestDirectory directory_;
    Scribe::Settings settings_;
    std::unique_ptr<Neighbours> neighbours_;
    std::unique_ptr<Scribe> scribe_;
    os::UniqueFd pipe_ = os::make_log_pipe().value();
};

TEST_F(ScribeTest, WritesWhatComesOutOfPipesWithAndWithoutReeved) {
    neighbours_->open_log(1, log_path(1), pipe_.get());
    feed(pipe_, "before ");
    turn();
    neighbours_->reeved_dies();
    feed(pipe_, "and after\n");
    turn();
    EXPECT_EQ(content(log_path(1)), std::string(kStamp) + "before and after\n");
    new_reeved();
    neighbours_->open_log(1, log_path(1), pipe_.get());
    turn();
    feed(pipe_, "once\n");
    turn();
    EXPECT_EQ(content(log_path(1)), std::string(kStamp) + "before and after\n" + kStamp + "once\n");
    expect_silence();
}

TEST_F(ScribeTest, ClosesALogOnlyWhenItsPipeIsEmpty) {
    neighbours_->open_log(1, log_path(1), pipe_.get());
    feed(pipe_, "last words\n");
    neighbours_->ask(link::CloseLog{1});
    neighbours_->ask(link::CloseLog{77});  // never heard of
    turn();
    EXPECT_EQ(next_as<link::LogClosed>().log, 1U);
    EXPECT_EQ(next_as<link::LogClosed>().log, 77U);
    EXPECT_EQ(content(log_path(1)), std::string(kStamp) + "last words\n");
    feed(pipe_, "nobody listens\n");
    turn();
    EXPECT_EQ(content(log_path(1)), std::string(kStamp) + "last words\n");
}

TEST_F(ScribeTest, WritesAllOfALargePipeBeforeItGoes) {
    constexpr std::size_t kBytes = std::size_t{1} << 20;
    const os::UniqueFd other = os::make_log_pipe().value();
    const std::string line = std::string(62, '.') + "\n";
    for (const os::UniqueFd* pipe : std::array<const os::UniqueFd*, 2>{&pipe_, &other}) {
        ASSERT_GE(::fcntl(pipe->get(), F_SETPIPE_SZ, kBytes), static_cast<int>(kBytes));
        std::string text;
        while (text.size() + line.size() <= kBytes)
            text += line;
        feed(*pipe, text);
    }
    neighbours_->open_log(1, log_path(1), pipe_.get());
    neighbours_->open_log(2, log_path(2), other.get());
    neighbours_->ask(link::CloseLog{1});
    neighbours_->keeper_asks_for_the_end();
    while (scribe_->turn(0s)) {
    }
    for (const int log : {1, 2}) {
        const std::string written = content(log_path(log));
        EXPECT_EQ(std::count(written.begin(), written.end(), '\n'),
                  static_cast<std::ptrdiff_t>(kBytes / line.size()));
    }
}

TEST_F(ScribeTest, ForgetsLogsThatTheNextReevedDoesNotName) {
    const os::UniqueFd other = os::make_log_pipe().value();
    neighbours_->open_log(1, log_path(1), pipe_.get());
    neighbours_->open_log(2, log_path(2), other.get());
    turn();
    new_reeved();
    feed(other, "last words\n");
    neighbours_->open_log(1, log_path(1), pipe_.get());
    neighbours_->ask(link::AllLogsNamed{});
    turn();
    EXPECT_EQ(next_as<link::LogClosed>().log, 2U);
    EXPECT_EQ(content(log_path(2)), std::string(kStamp) + "last words\n");
    feed(other, "nobody listens\n");
    feed(pipe_, "here\n");
    turn();
    EXPECT_EQ(content(log_path(2)), std::string(kStamp) + "last words\n");
    EXPECT_EQ(content(log_path(1)), std::string(kStamp) + "here\n");
}

TEST_F(ScribeTest, AnotherPipeUnderTheSameNameReplacesTheFirst) {
    const os::UniqueFd other = os::make_log_pipe().value();
    neighbours_->open_log(1, log_path(1), pipe_.get());
    turn();
    feed(pipe_, "old\n");
    neighbours_->open_log(1, log_path(1), other.get());
    feed(other, "new\n");
    turn();
    EXPECT_EQ(content(log_path(1)), std::string(kStamp) + "old\n" + kStamp + "new\n");
}

TEST_F(ScribeTest, RefusesAPipeThatWouldBlockEverybody) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const os::UniqueFd read_end(ends[0]);
    const os::UniqueFd write_end(ends[1]);
    neighbours_->open_log(1, log_path(1), read_end.get());
    turn();
    EXPECT_EQ(next_as<link::Trouble>().log, 1U);
}

TEST_F(ScribeTest, MoreLogsThanFilesMayBeOpenLoseNothing) {
    std::vector<os::UniqueFd> pipes;
    constexpr int kLogs = static_cast<int>(kOpenFilesMax) + 44;
    for (int i = 0; i < kLogs; ++i) {
        pipes.push_back(os::make_log_pipe().value());
        neighbours_->open_log(static_cast<link::LogId>(i) + 1, log_path(i), pipes.back().get());
        if (i % 50 == 0) turn();
    }
    for (int round = 0; round < 3; ++round) {
        for (const os::UniqueFd& pipe : pipes)
            feed(pipe, std::to_string(round) + "\n");
        for (int i = 0; i < 10; ++i)
            turn();
    }
    for (int i = 0; i < kLogs; ++i) {
        EXPECT_EQ(content(log_path(i)),
                  std::string(kStamp) + "0\n" + kStamp + "1\n" + kStamp + "2\n");
    }
}

TEST_F(ScribeTest, RemembersIntentAndTellsWhenItIsDurable) {
    neighbours_->ask(link::PutIntent{1, {"a", "1"}});
    neighbours_->ask(link::PutIntent{2, {"b", "2"}});
    neighbours_->ask(link::EraseIntent{3, "a"});
    neighbours_->ask(link::LoadIntent{9});
    turn();
    for (std::uint64_t sequence = 1; sequence <= 3; ++sequence)
        EXPECT_EQ(next_as<link::IntentDurable>().sequence, sequence);
    const auto rows = next_as<link::IntentRows>();
    EXPECT_EQ(rows.request, 9U);
    EXPECT_EQ(rows.part, link::Part::More);
    EXPECT_EQ(rows.entries, (std::vector<link::IntentEntry>{{"b", "2"}}));
    EXPECT_EQ(next_as<link::IntentRows>().part, link::Part::Last);
}

TEST_F(ScribeTest, DoesWhatADyingReevedHadStillAskedFor) {
    neighbours_->ask(link::PutIntent{1, {"a", "1"}});
    turn();  // the answer stays unread: reeved's end is an error on the link
    neighbours_->ask(link::PutIntent{2, {"b", "2"}});
    neighbours_->reeved_dies();
    turn();
    new_reeved();
    neighbours_->ask(link::LoadIntent{9});
    turn();
    EXPECT_EQ(next_as<link::IntentRows>().entries.size(), 2U);
}

TEST_F(ScribeTest, AnswersTheLedgerInPartsAndTroublesAreTold) {
    { std::ofstream(directory_.path() + "/ledger.db") << std::string(5000, 'x'); }
    link::LedgerRow row;
    row.app = "shop";
    const std::vector<link::LedgerRow> rows(static_cast<std::size_t>(kLedgerRowsPerStep) + 1, row);
    neighbours_->ask(link::AppendLedger{4, 7, rows});
    link::LedgerQuery query;
    query.rows_max = 10'000;
    neighbours_->ask(link::QueryLedger{8, query});
    turn();
    EXPECT_EQ(next_as<link::LedgerStored>().sequence, 7U);
    const auto first = next_as<link::LedgerRows>();
    EXPECT_EQ(first.rows.size(), static_cast<std::size_t>(kLedgerRowsPerStep));
    EXPECT_EQ(first.part, link::Part::More);
    const auto trouble = next_as<link::Trouble>();
    EXPECT_EQ(trouble.kind, link::TroubleKind::Ledger);
    EXPECT_EQ(trouble.stage, link::TroubleStage::Note);
    const auto last = next_as<link::LedgerRows>();
    EXPECT_EQ(last.rows.size(), 1U);
    EXPECT_EQ(last.part, link::Part::Last);
    query.rows_max = 3;
    neighbours_->ask(link::QueryLedger{9, query});
    turn();
    const auto few = next_as<link::LedgerRows>();
    EXPECT_EQ(few.rows.size(), 3U);
    EXPECT_EQ(few.part, link::Part::Last);
}

TEST_F(ScribeTest, ReadsOnWhileReevedDoesNotReadItsAnswers) {
    const std::string large(200'000, 'v');
    for (std::uint64_t i = 1; i <= 20; ++i) {
        neighbours_->ask(link::PutIntent{i, {"key/" + std::to_string(i), large}});
        neighbours_->ask(link::LoadIntent{i});
        ASSERT_TRUE(scribe_->turn(0s));
    }
    feed(pipe_, "a line\n");
    neighbours_->open_log(1, log_path(1), pipe_.get());
    turn();
    EXPECT_EQ(content(log_path(1)), std::string(kStamp) + "a line\n");
    std::size_t answered = 0;
    for (int idle = 0; idle < 5;) {
        const std::optional<link::ScribeReply> reply = neighbours_->reply();
        if (!reply) {
            ASSERT_TRUE(scribe_->turn(0s));
            ++idle;
            continue;
        }
        idle = 0;
        const auto* rows = std::get_if<link::IntentRows>(&*reply);
        if (rows != nullptr && rows->part == link::Part::Last) ++answered;
    }
    EXPECT_EQ(answered, 20U);
}

TEST_F(ScribeTest, WritesEverythingBeforeItEndsWithItsKeeper) {
    neighbours_->open_log(1, log_path(1), pipe_.get());
    turn();
    feed(pipe_, "last words\n");
    neighbours_->ask(link::PutIntent{1, {"a", "1"}});
    neighbours_->reeved_dies();
    neighbours_->keeper_dies();
    EXPECT_FALSE(scribe_->turn(0s));
    EXPECT_EQ(content(log_path(1)), std::string(kStamp) + "last words\n");
    start();
    neighbours_->ask(link::LoadIntent{9});
    turn();
    EXPECT_EQ(next_as<link::IntentRows>().entries, (std::vector<link::IntentEntry>{{"a", "1"}}));
}

TEST_F(ScribeTest, AReevedThatComesLaterNamesTheLogsThatAreOpen) {
    const os::UniqueFd other = os::make_log_pipe().value();
    neighbours_->open_log(1, log_path(1), pipe_.get());
    neighbours_->open_log(2, log_path(2), other.get());
    turn();
    neighbours_->new_reeved();
    turn();
    EXPECT_EQ(next_as<link::ScribeHello>().logs, 2U);
    link::LogSettings elsewhere;
    elsewhere.path = log_path(4);
    neighbours_->ask(link::NameLogs{{{1, elsewhere}, {3, {}}}});
    neighbours_->ask(link::AllLogsNamed{});
    turn();
    EXPECT_EQ(next_as<link::LogsUnknown>().logs, std::vector<link::LogId>{3});
    EXPECT_EQ(next_as<link::LogClosed>().log, 2U);
    expect_silence();
    feed(pipe_, "goes on\n");
    turn();
    EXPECT_EQ(content(log_path(4)), std::string(kStamp) + "goes on\n");
}

TEST_F(ScribeTest, OutlivesTheKeeperForAsLongAsReevedIsThere) {
    neighbours_->open_log(1, log_path(1), pipe_.get());
    neighbours_->keeper_dies();
    turn();
    feed(pipe_, "between\n");
    turn();
    EXPECT_EQ(content(log_path(1)), std::string(kStamp) + "between\n");
    feed(pipe_, "last\n");
    neighbours_->reeved_dies();
    EXPECT_FALSE(scribe_->turn(0s));
    EXPECT_EQ(content(log_path(1)), std::string(kStamp) + "between\n" + kStamp + "last\n");
}

TEST_F(ScribeTest, EndsBeforeReevedWhereTheKeeperAsksForIt) {
    neighbours_->open_log(1, log_path(1), pipe_.get());
    turn();
    feed(pipe_, "last\n");
    neighbours_->keeper_asks_for_the_end();
    EXPECT_FALSE(scribe_->turn(0s));
    EXPECT_EQ(content(log_path(1)), std::string(kStamp) + "last\n");
}

TEST_F(ScribeTest, IgnoresMessagesOfALaterVersion) {
    link::Message unknown;
    unknown.type = 777;
    neighbours_->send(std::move(unknown));
    neighbours_->ask(link::LoadIntent{1});
    turn();
    EXPECT_EQ(next_as<link::IntentRows>().request, 1U);
}

/// Writes numbered lines into a log's pipe while scribes are killed, one after the other.
TEST_F(ScribeTest, KilledScribesTearNoLineAndLoseAtMostOneReadEach) {
    settings_.in_flight_path = directory_.path() + "/in-flight";
    scribe_.reset();
    constexpr int kRounds = 25;
    Random random(3);
    std::uint64_t written = 0;
    for (int round = 0; round < kRounds; ++round) {
        neighbours_ = std::make_unique<Neighbours>();
        os::UniqueFd control = neighbours_->take_control();
        const pid_t child = ::fork();
        if (child == 0) {
            const auto scribe = Scribe::create(settings_, std::move(control), {}).value();
            scribe->run();
            ::_exit(0);
        }
        control.reset();
        neighbours_->new_reeved();
        neighbours_->open_log(1, log_path(1), pipe_.get());
        std::string text;
        for (const std::uint64_t until = written + 50 + random.below(20'000); written < until;) {
            text = "line " + std::to_string(++written) + " ends\n";
            while (::write(pipe_.get(), text.data(), text.size()) < 0)
                ::sched_yield();  // the pipe is full: the scribe is at work
        }
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
    }
    start();
    neighbours_->open_log(1, log_path(1), pipe_.get());
    turn();
    feed(pipe_, "line " + std::to_string(++written) + " ends\n");  // those before may be lost
    turn();
    std::uint64_t last = 0;
    int gaps = 0;
    int notes = 0;
    const std::string all = content(log_path(1));
    for (const std::string_view line : split(all, '\n')) {
        if (line.find("reeve: ") != std::string_view::npos) ++notes;
        const std::size_t begin = line.find("line ");
        if (begin == std::string_view::npos || !line.ends_with(" ends")) continue;
        const std::string_view number = line.substr(begin + 5, line.size() - begin - 10);
        const std::uint64_t seen = static_cast<std::uint64_t>(parse_integer(number).value());
        EXPECT_GT(seen, last);
        if (seen != last + 1) ++gaps;
        last = seen;
    }
    EXPECT_EQ(last, written);
    EXPECT_LE(gaps, notes);  // nothing is missing that is not said
    EXPECT_LE(gaps, kRounds);
}

}  // namespace
}  // namespace reeve::scribe
