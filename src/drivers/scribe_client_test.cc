#include "drivers/scribe_client.h"

#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "link/channel.h"
#include "link/scribe_protocol.h"

namespace reeve::drivers {
namespace {

/// The other end of the link, played by the test.
class FakeScribe {
public:
    explicit FakeScribe(ScribeClient& client) {
        auto ends = link::make_link().value();
        channel_ = link::Channel(std::move(ends.first));
        client.attach(std::move(ends.second));
    }

    /// The next request, which must be there.
    link::ScribeRequest next() {
        std::optional<link::ScribeRequest> request = maybe_next();
        EXPECT_TRUE(request.has_value());
        return request ? std::move(*request) : link::ScribeRequest(link::UnknownMessage{});
    }
    template <typename T>
    T next_as() {
        link::ScribeRequest request = next();
        EXPECT_TRUE(std::holds_alternative<T>(request)) << request.index();
        T* content = std::get_if<T>(&request);
        return content == nullptr ? T{} : std::move(*content);
    }
    std::optional<link::ScribeRequest> maybe_next() {
        link::Message message;
        if (channel_.receive(message) != link::Channel::Received::Message) return std::nullopt;
        return link::decode_request(std::move(message)).value();
    }
    void say(const link::ScribeReply& reply) {
        EXPECT_TRUE(channel_.send(link::encode(reply)).ok());
    }
    int fd() const { return channel_.fd(); }

private:
    link::Channel channel_;
};

/// Logs as a test opens them.
class Logs : public OpenLogs {
public:
    void visit_logs(const std::function<void(link::LogId)>& visit) const override {
        for (const auto& [id, log] : open)
            visit(id);
    }
    std::optional<OpenedLog> find_log(link::LogId log) const override {
        const auto found = open.find(log);
        if (found == open.end()) return std::nullopt;
        return found->second;
    }
    void note_told(link::LogId log) override { open.at(log).age = link::PipeAge::Continued; }
    Result<os::UniqueFd> open_pipe(link::LogId log) override {
        asked_for.push_back(log);
        return os::make_log_pipe();
    }

    std::map<link::LogId, OpenedLog> open;
    std::vector<link::LogId> asked_for;  // their pipes
};

class ScribeClientTest : public testing::Test {
protected:
    /// Runs what is ready in the loop.
    void turn() {
        for (int i = 0; i < 5; ++i)
            ::event_base_loop(loop_.get(), EVLOOP_NONBLOCK);
    }
    /// A callback that writes down its answer.
    ScribeClient::OnDurable note_durable(const std::string& name) {
        return [this, name](bool durable, const std::string& why_not) {
            answers_.push_back(name + (durable ? " durable" : " not: " + why_not));
        };
    }
    std::vector<std::string> take_answers() { return std::exchange(answers_, {}); }

    struct Freer {
        void operator()(event_base* loop) const { ::event_base_free(loop); }
    };
    std::unique_ptr<event_base, Freer> loop_{::event_base_new()};
    std::vector<link::Trouble> troubles_;
    std::vector<std::string> answers_;
    ScribeClient client_{loop_.get(), 4711,
                         [this](const link::Trouble& trouble) { troubles_.push_back(trouble); }};
};

using Answers = std::vector<std::string>;

status::Transition some_transition(const std::string& reason) {
    status::Transition transition;
    transition.wall.nanoseconds = 5;
    transition.time = TimePoint(7s);
    transition.instance = {"shop", "web", 2, ""};
    transition.from = status::State::Running;
    transition.to = status::State::Backoff;
    transition.reason = reason;
    transition.cause = {status::CauseKind::ProcessExit, 99, "web.2 (pid 812) exit code 1"};
    transition.pid = 812;
    return transition;
}

TEST_F(ScribeClientTest, AnswersOnceTheScribeSaysSo) {
    FakeScribe scribe(client_);
    scribe.next_as<link::ScribeHello>();
    client_.put_intent("app/shop", "v1", note_durable("put"));
    const auto put = scribe.next_as<link::PutIntent>();
    EXPECT_EQ(put.entry, (link::IntentEntry{"app/shop", "v1"}));
    turn();
    EXPECT_EQ(take_answers(), Answers{});
    EXPECT_EQ(client_.unacknowledged(), 1U);
    scribe.say(link::IntentDurable{put.sequence});
    turn();
    EXPECT_EQ(take_answers(), Answers{"put durable"});
    EXPECT_EQ(client_.unacknowledged(), 0U);
}

TEST_F(ScribeClientTest, AnOlderValueBeingDurableSaysNothingAboutTheNewerOne) {
    FakeScribe scribe(client_);
    scribe.next_as<link::ScribeHello>();
    client_.put_intent("k", "old", note_durable("old"));
    client_.erase_intent("k", note_durable("new"));
    const auto put = scribe.next_as<link::PutIntent>();
    const auto erase = scribe.next_as<link::EraseIntent>();
    scribe.say(link::IntentDurable{put.sequence});
    turn();
    EXPECT_EQ(take_answers(), Answers{});
    scribe.say(link::IntentDurable{erase.sequence});
    turn();
    EXPECT_EQ(take_answers(), (Answers{"old durable", "new durable"}));
}

TEST_F(ScribeClientTest, SendsEverythingUnacknowledgedToTheNextScribe) {
    bool closed = false;
    Logs logs;
    client_.serve_logs(logs);
    logs.open[1] = {{"/log/1"}, link::PipeAge::Fresh};
    client_.open_log(1);
    client_.close_log(2, {"/log/2"}, os::make_log_pipe().value(), [&closed] { closed = true; });
    client_.all_logs_named();
    client_.put_intent("a", "newest", note_durable("a"));
    client_.append_transitions({some_transition("one"), some_transition("two")});

    for (const link::PipeAge age : {link::PipeAge::Fresh, link::PipeAge::Continued}) {
        FakeScribe scribe(client_);
        scribe.next_as<link::ScribeHello>();
        EXPECT_EQ(scribe.next_as<link::PutIntent>().entry, (link::IntentEntry{"a", "newest"}));
        const auto batch = scribe.next_as<link::AppendLedger>();
        EXPECT_EQ(batch.writer, 4711U);
        ASSERT_EQ(batch.rows.size(), 2U);
        EXPECT_EQ(batch.rows[1].reason, "two");
        EXPECT_FALSE(scribe.maybe_next().has_value());
        scribe.say(link::ScribeHello{});
        turn();
        const auto open = scribe.next_as<link::OpenLog>();
        EXPECT_EQ(open.log, 1U);
        EXPECT_EQ(open.settings.path, "/log/1");
        EXPECT_EQ(open.age, age);
        EXPECT_TRUE(open.pipe);
        EXPECT_EQ(scribe.next_as<link::OpenLog>().log, 2U);
        EXPECT_EQ(scribe.next_as<link::CloseLog>().log, 2U);
        scribe.next_as<link::AllLogsNamed>();
        EXPECT_FALSE(scribe.maybe_next().has_value());
        if (age == link::PipeAge::Continued) {
            scribe.say(link::LogClosed{2});
            scribe.say(link::LedgerStored{batch.sequence});
            turn();
        }
    }
    turn();
    EXPECT_TRUE(closed);
    EXPECT_FALSE(client_.attached());
    FakeScribe last(client_);
    last.say(link::ScribeHello{});
    turn();
    last.next_as<link::ScribeHello>();
    last.next_as<link::PutIntent>();
    EXPECT_EQ(last.next_as<link::OpenLog>().log, 1U);
    last.next_as<link::AllLogsNamed>();
    EXPECT_FALSE(last.maybe_next().has_value());
}

TEST_F(ScribeClientTest, AScribeThatHasThePipesIsToldNames) {
    Logs logs;
    client_.serve_logs(logs);
    for (link::LogId log = 1; log <= link::kLogsNamedAtOnce + 1; ++log)
        logs.open[log] = {{"/log/" + std::to_string(log)}, link::PipeAge::Continued};
    logs.open[1000] = {{"/log/1000"}, link::PipeAge::Fresh};
    client_.all_logs_named();
    FakeScribe scribe(client_);
    scribe.say(link::ScribeHello{link::kScribeProtocolVersion, 1});
    turn();
    scribe.next_as<link::ScribeHello>();
    EXPECT_EQ(scribe.next_as<link::NameLogs>().logs.size(), link::kLogsNamedAtOnce);
    EXPECT_EQ(scribe.next_as<link::OpenLog>().log, 1000U);
    const auto rest = scribe.next_as<link::NameLogs>();
    ASSERT_EQ(rest.logs.size(), 1U);
    EXPECT_EQ(rest.logs[0].settings.path, "/log/" + std::to_string(rest.logs[0].log));
    scribe.next_as<link::AllLogsNamed>();
    EXPECT_EQ(logs.asked_for, std::vector<link::LogId>{1000});

    scribe.say(link::LogsUnknown{{7, 4711}});  // there is no 4711 by now
    turn();
    const auto open = scribe.next_as<link::OpenLog>();
    EXPECT_EQ(open.log, 7U);
    EXPECT_TRUE(open.pipe);
    EXPECT_FALSE(scribe.maybe_next().has_value());
}

TEST_F(ScribeClientTest, AScribeOfTheFirstVersionIsGivenEveryPipe) {
    Logs logs;
    client_.serve_logs(logs);
    logs.open[1] = {{"/log/1"}, link::PipeAge::Continued};
    FakeScribe scribe(client_);
    scribe.say(link::ScribeHello{1, 0});
    turn();
    scribe.next_as<link::ScribeHello>();
    EXPECT_TRUE(scribe.next_as<link::OpenLog>().pipe);
}

TEST_F(ScribeClientTest, ALogThatIsOpenedBeforeTheScribesHelloIsToldOnce) {
    Logs logs;
    client_.serve_logs(logs);
    FakeScribe scribe(client_);
    scribe.next_as<link::ScribeHello>();
    logs.open[1] = {{"/log/1"}, link::PipeAge::Fresh};
    client_.open_log(1);
    EXPECT_TRUE(scribe.next_as<link::OpenLog>().pipe);
    scribe.say(link::ScribeHello{});
    turn();
    EXPECT_FALSE(scribe.maybe_next().has_value());
    logs.open[2] = {{"/log/2"}, link::PipeAge::Fresh};
    client_.open_log(2);
    EXPECT_EQ(scribe.next_as<link::OpenLog>().log, 2U);
    EXPECT_FALSE(scribe.maybe_next().has_value());
}

TEST_F(ScribeClientTest, ALogThatIsClosedBeforeTheScribesHelloIsToldOnce) {
    Logs logs;
    client_.serve_logs(logs);
    FakeScribe scribe(client_);
    scribe.next_as<link::ScribeHello>();
    client_.close_log(1, {"/log/1"}, os::make_log_pipe().value(), {});
    EXPECT_TRUE(scribe.next_as<link::OpenLog>().pipe);
    EXPECT_EQ(scribe.next_as<link::CloseLog>().log, 1U);
    scribe.say(link::ScribeHello{});
    turn();
    EXPECT_FALSE(scribe.maybe_next().has_value());
}

TEST_F(ScribeClientTest, ALogOfAnEarlierReevedWaitsForTheScribesHello) {
    Logs logs;
    client_.serve_logs(logs);
    FakeScribe scribe(client_);
    scribe.next_as<link::ScribeHello>();
    logs.open[1] = {{"/log/1"}, link::PipeAge::Continued};
    client_.continue_log(1);
    EXPECT_FALSE(scribe.maybe_next().has_value());
    scribe.say(link::ScribeHello{link::kScribeProtocolVersion, 1});
    turn();
    EXPECT_EQ(scribe.next_as<link::NameLogs>().logs.size(), 1U);
    EXPECT_FALSE(scribe.maybe_next().has_value());
}

TEST_F(ScribeClientTest, HearsWhatADyingScribeHadStillSaid) {
    {
        FakeScribe scribe(client_);
        scribe.next_as<link::ScribeHello>();
        client_.put_intent("a", "1", note_durable("a"));
        const auto put = scribe.next_as<link::PutIntent>();
        client_.put_intent("b", "2",
                           note_durable("b"));  // stays unread: the scribe's end is an error
        scribe.say(link::IntentDurable{put.sequence});
    }
    turn();
    EXPECT_EQ(take_answers(), Answers{"a durable"});
    EXPECT_FALSE(client_.attached());
    EXPECT_EQ(client_.unacknowledged(), 1U);
}

TEST_F(ScribeClientTest, AFailedIntentIsToldAtOnceAndKept) {
    FakeScribe scribe(client_);
    scribe.next_as<link::ScribeHello>();
    client_.put_intent("k", "v", note_durable("put"));
    scribe.say(link::IntentFailed{scribe.next_as<link::PutIntent>().sequence, "disk full"});
    turn();
    EXPECT_EQ(take_answers(), Answers{"put not: disk full"});
    EXPECT_EQ(client_.unacknowledged(), 1U);
    FakeScribe next(client_);
    next.next_as<link::ScribeHello>();
    next.next_as<link::PutIntent>();
}

TEST_F(ScribeClientTest, ACommandDoesNotWaitForIntentForEver) {
    client_.put_intent("k", "v", note_durable("put"));  // no scribe is there
    while (answers_.empty())
        ::event_base_loop(loop_.get(), EVLOOP_ONCE);
    EXPECT_EQ(take_answers(), Answers{"put not: it is not written after 2s"});
    EXPECT_EQ(client_.unacknowledged(), 1U);
}

TEST_F(ScribeClientTest, PutsAnAnswerInPartsTogether) {
    FakeScribe scribe(client_);
    scribe.next_as<link::ScribeHello>();
    std::vector<link::IntentEntry> loaded;
    client_.load_intent([&loaded](auto entries) { loaded = entries.value(); });
    const std::uint64_t load = scribe.next_as<link::LoadIntent>().request;
    std::vector<status::Transition> rows;
    client_.query_ledger({}, [&rows](auto found) { rows = found.value(); });
    const std::uint64_t query = scribe.next_as<link::QueryLedger>().request;

    client_.append_transitions({some_transition("why")});
    const auto batch = scribe.next_as<link::AppendLedger>();
    scribe.say(link::IntentRows{load, link::Part::More, {{"a", "1"}}, ""});
    scribe.say(link::LedgerRows{query, link::Part::More, batch.rows, ""});
    turn();
    EXPECT_TRUE(loaded.empty());
    EXPECT_TRUE(rows.empty());
    scribe.say(link::IntentRows{load, link::Part::Last, {{"b", "2"}}, ""});
    scribe.say(link::LedgerRows{query, link::Part::Last, {}, ""});
    turn();
    EXPECT_EQ(loaded, (std::vector<link::IntentEntry>{{"a", "1"}, {"b", "2"}}));
    ASSERT_EQ(rows.size(), 1U);
    const status::Transition sent = some_transition("why");
    EXPECT_EQ(rows[0].wall, sent.wall);
    EXPECT_EQ(rows[0].time, sent.time);
    EXPECT_EQ(rows[0].instance, sent.instance);
    EXPECT_EQ(rows[0].from, sent.from);
    EXPECT_EQ(rows[0].to, sent.to);
    EXPECT_EQ(rows[0].reason, sent.reason);
    EXPECT_EQ(rows[0].cause, sent.cause);
    EXPECT_EQ(rows[0].pid, sent.pid);
}

TEST_F(ScribeClientTest, AnAnswerThatWasCutOffIsAskedForAgainFromItsBeginning) {
    std::vector<link::IntentEntry> loaded;
    client_.load_intent([&loaded](auto entries) { loaded = entries.value(); });
    for (const link::Part part : {link::Part::More, link::Part::Last}) {
        FakeScribe scribe(client_);
        scribe.next_as<link::ScribeHello>();
        scribe.say(
            link::IntentRows{scribe.next_as<link::LoadIntent>().request, part, {{"a", "1"}}, ""});
        turn();
    }
    EXPECT_EQ(loaded, (std::vector<link::IntentEntry>{{"a", "1"}}));
}

TEST_F(ScribeClientTest, HandsOnFailuresAndTroubles) {
    FakeScribe scribe(client_);
    scribe.next_as<link::ScribeHello>();
    std::string failure;
    client_.query_ledger({}, [&failure](auto rows) { failure = rows.error().message; });
    const std::uint64_t query = scribe.next_as<link::QueryLedger>().request;
    scribe.say(link::LedgerRows{query, link::Part::Last, {}, "it is damaged"});
    const link::Trouble trouble{link::TroubleKind::Log, link::TroubleStage::Begun, 3, 4, 5, "full"};
    scribe.say(trouble);
    turn();
    EXPECT_EQ(failure, "ask the ledger: it is damaged");
    EXPECT_EQ(troubles_, std::vector<link::Trouble>{trouble});
}

TEST_F(ScribeClientTest, WaitsForASlowScribeWithoutLosingOrReordering) {
    FakeScribe scribe(client_);
    constexpr std::size_t kMany = 5000;
    const std::string large(4096, 'x');
    for (std::size_t i = 0; i < kMany; ++i) {
        client_.put_intent("key/" + std::to_string(i), large, {});
    }
    scribe.next_as<link::ScribeHello>();
    for (std::size_t i = 0; i < kMany; ++i) {
        std::optional<link::ScribeRequest> request = scribe.maybe_next();
        if (!request) {
            turn();
            request = scribe.maybe_next();
        }
        ASSERT_TRUE(request.has_value());
        EXPECT_EQ(std::get<link::PutIntent>(*request).entry.key, "key/" + std::to_string(i));
    }
}

TEST_F(ScribeClientTest, DropsTheOldestTransitionsWhenTooManyWaitAndSaysSo) {
    const std::vector<status::Transition> thousand(1000, some_transition("x"));
    for (std::size_t rows = 0; rows < kTransitionsWaitingMax + 2000; rows += thousand.size()) {
        client_.append_transitions(thousand);
    }
    turn();
    ASSERT_EQ(troubles_.size(), 1U);
    EXPECT_EQ(troubles_[0].stage, link::TroubleStage::Begun);
    FakeScribe scribe(client_);
    std::size_t rows = 0;
    for (int idle = 0; idle < 3;) {
        std::optional<link::ScribeRequest> request = scribe.maybe_next();
        if (!request) {
            turn();
            ++idle;
            continue;
        }
        idle = 0;
        const auto* batch = std::get_if<link::AppendLedger>(&*request);
        if (batch == nullptr) continue;
        rows += batch->rows.size();
        scribe.say(link::LedgerStored{batch->sequence});
    }
    EXPECT_EQ(rows, kTransitionsWaitingMax);
    ASSERT_EQ(troubles_.size(), 2U);
    EXPECT_EQ(troubles_[1].stage, link::TroubleStage::Over);
    EXPECT_EQ(troubles_[1].lost_lines, 2000U);
    EXPECT_EQ(client_.unacknowledged(), 0U);
}

}  // namespace
}  // namespace reeve::drivers
