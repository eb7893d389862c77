#include "link/scribe_protocol.h"

#include <gtest/gtest.h>
#include <utility>

#include "base/bytes.h"

namespace reeve::link {
namespace {

LedgerRow some_row() {
    LedgerRow row;
    row.wall.nanoseconds = 1'795'000'000'123'456'789;
    row.time = TimePoint(42s);
    row.app = "shop";
    row.service = "web";
    row.index = 2;
    row.key = "k";
    row.from = 3;
    row.to = 4;
    row.reason = "exited with code 1 after 3s";
    row.cause_kind = 1;
    row.cause_id = 99;
    row.cause_text = "web.2 (pid 812) exit code 1";
    row.pid = 812;
    return row;
}

template <typename T>
T request_round_trip(T request) {
    Result<ScribeRequest> read = decode_request(encode(ScribeRequest(std::move(request))));
    EXPECT_TRUE(read.ok());
    return std::get<T>(std::move(read).value());
}

template <typename T>
T reply_round_trip(T reply) {
    const Result<ScribeReply> read = decode_reply(encode(ScribeReply(std::move(reply))));
    EXPECT_TRUE(read.ok());
    return std::get<T>(read.value());
}

TEST(ScribeProtocolTest, CarriesAnOpenLogWithItsPipe) {
    OpenLog open;
    open.log = 7;
    open.settings.path = "/var/log/reeve/shop/web.1.log";
    open.settings.format = LogFormat::Plain;
    open.settings.rotate_bytes = 12345;
    open.settings.files_kept = 3;
    open.settings.owner_uid = 33;
    open.settings.owner_gid = -1;
    open.age = PipeAge::Fresh;
    open.pipe = os::make_log_pipe().value();
    const LogSettings settings = open.settings;
    const int pipe = open.pipe.get();
    const OpenLog read = request_round_trip(std::move(open));
    EXPECT_EQ(read.log, 7U);
    EXPECT_EQ(read.settings, settings);
    EXPECT_EQ(read.age, PipeAge::Fresh);
    EXPECT_EQ(read.pipe.get(), pipe);
}

TEST(ScribeProtocolTest, RefusesAnOpenLogWithoutItsPipe) {
    OpenLog open;
    open.pipe = os::make_log_pipe().value();
    Message message = encode(ScribeRequest(std::move(open)));
    message.fds.clear();
    EXPECT_FALSE(decode_request(std::move(message)).ok());
}

TEST(ScribeProtocolTest, CarriesEveryFieldOfTheOtherRequests) {
    EXPECT_EQ(request_round_trip(ScribeHello{5, 0}).version, 5U);
    const std::vector<NamedLog> logs = {{8, {"/log/8", LogFormat::Plain, 9, 10, 11, 12}},
                                        {1ULL << 40, {}}};
    EXPECT_EQ(request_round_trip(NameLogs{logs}).logs, logs);
    EXPECT_EQ(request_round_trip(CloseLog{8}).log, 8U);
    (void)request_round_trip(AllLogsNamed{});  // has no field
    const PutIntent put = request_round_trip(PutIntent{3, {"app/shop", std::string("\0x", 2)}});
    EXPECT_EQ(put.sequence, 3U);
    EXPECT_EQ(put.entry, (IntentEntry{"app/shop", std::string("\0x", 2)}));
    const EraseIntent erase = request_round_trip(EraseIntent{4, "app/shop"});
    EXPECT_EQ(erase.sequence, 4U);
    EXPECT_EQ(erase.key, "app/shop");
    EXPECT_EQ(request_round_trip(LoadIntent{9}).request, 9U);
    const AppendLedger append = request_round_trip(AppendLedger{11, 12, {some_row(), some_row()}});
    EXPECT_EQ(append.writer, 11U);
    EXPECT_EQ(append.sequence, 12U);
    EXPECT_EQ(append.rows, (std::vector<LedgerRow>{some_row(), some_row()}));
    QueryLedger query;
    query.request = 13;
    query.query = {{{"sh*", "web.?"}, {"b", ""}}, 14, WallTime{-5}, 16};
    const QueryLedger query_read = request_round_trip(query);
    EXPECT_EQ(query_read.request, 13U);
    EXPECT_EQ(query_read.query, query.query);
}

TEST(ScribeProtocolTest, CarriesEveryFieldOfTheReplies) {
    EXPECT_EQ(reply_round_trip(ScribeHello{6, 7}).version, 6U);
    EXPECT_EQ(reply_round_trip(ScribeHello{6, 7}).logs, 7U);
    EXPECT_EQ(reply_round_trip(LogsUnknown{{8, 1ULL << 40}}).logs,
              (std::vector<LogId>{8, 1ULL << 40}));
    EXPECT_EQ(reply_round_trip(LogClosed{8}).log, 8U);
    EXPECT_EQ(reply_round_trip(IntentDurable{9}).sequence, 9U);
    const IntentFailed failed = reply_round_trip(IntentFailed{10, "disk full"});
    EXPECT_EQ(failed.sequence, 10U);
    EXPECT_EQ(failed.message, "disk full");
    const IntentRows rows = reply_round_trip(IntentRows{1, Part::More, {{"a", "b"}}, "why"});
    EXPECT_EQ(rows.request, 1U);
    EXPECT_EQ(rows.part, Part::More);
    EXPECT_EQ(rows.entries, (std::vector<IntentEntry>{{"a", "b"}}));
    EXPECT_EQ(rows.failure, "why");
    EXPECT_EQ(reply_round_trip(LedgerStored{2}).sequence, 2U);
    const LedgerRows ledger = reply_round_trip(LedgerRows{3, Part::Last, {some_row()}, "so"});
    EXPECT_EQ(ledger.request, 3U);
    EXPECT_EQ(ledger.part, Part::Last);
    EXPECT_EQ(ledger.rows, std::vector<LedgerRow>{some_row()});
    EXPECT_EQ(ledger.failure, "so");
    const Trouble trouble{TroubleKind::Intent, TroubleStage::Over, 4, 5, 6, "No space"};
    EXPECT_EQ(reply_round_trip(trouble), trouble);
}

TEST(ScribeProtocolTest, UnderstandsTheHelloOfTheFirstVersion) {
    Message hello = encode(ScribeReply(ScribeHello{1, 0}));
    hello.payload.resize(1);
    const Result<ScribeReply> reply = decode_reply(hello);
    ASSERT_TRUE(reply.ok());
    EXPECT_EQ(std::get<ScribeHello>(*reply).version, 1U);
    EXPECT_EQ(std::get<ScribeHello>(*reply).logs, 0U);
}

TEST(ScribeProtocolTest, RefusesEveryShortenedMessage) {
    const Message whole = encode(ScribeReply(LedgerRows{3, Part::Last, {some_row()}, "so"}));
    for (std::size_t size = 0; size < whole.payload.size(); ++size) {
        Message cut;
        cut.type = whole.type;
        cut.payload = whole.payload.substr(0, size);
        EXPECT_FALSE(decode_reply(cut).ok()) << size;
    }
}

TEST(ScribeProtocolTest, AFalseCountOfRowsIsRefusedAtOnce) {
    ByteWriter out;
    out.number(1);
    out.number(1);
    out.number(~0ULL);
    Message message = encode(ScribeReply(LedgerRows{}));
    message.payload = out.take();
    EXPECT_FALSE(decode_reply(message).ok());
}

TEST(ScribeProtocolTest, IgnoresWhatALaterVersionAdds) {
    Message longer = encode(ScribeReply(LogClosed{8}));
    longer.payload += "more";
    EXPECT_EQ(std::get<LogClosed>(decode_reply(longer).value()).log, 8U);
    Message unknown;
    unknown.type = 777;
    const Result<ScribeReply> reply = decode_reply(unknown);
    ASSERT_TRUE(reply.ok());
    EXPECT_EQ(std::get<UnknownMessage>(*reply).type, 777U);
    EXPECT_TRUE(std::holds_alternative<UnknownMessage>(*decode_request(std::move(unknown))));
}

}  // namespace
}  // namespace reeve::link
