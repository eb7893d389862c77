#include <gtest/gtest.h>

#include "api/reply.h"
#include "api/request.h"

namespace reeve::api {
namespace {

OperationRequest around(Verb verb) {
    OperationRequest request;
    request.id = 0xFEDCBA9876543210U;
    request.verb = std::move(verb);
    request.timeout = 1500ms;
    request.command_line = "reeve do \"it\"";
    return request;
}

/// The request after a journey through its JSON.
OperationRequest travelled(const OperationRequest& request) {
    const auto read = operation_request_from_json(to_json(request));
    EXPECT_TRUE(read.ok()) << (read ? "" : read.error().message);
    return read ? *read : OperationRequest{};
}

std::string refusal_of(const std::string& text) {
    const auto read = operation_request_from_json(text);
    return read ? "taken" : read.error().message;
}

TEST(RequestCodecTest, KeepsWhatEveryOperationSays) {
    const OperationRequest back = travelled(around(Stop{{{"shop", "web.1"}}}));
    EXPECT_EQ(back.id, 0xFEDCBA9876543210U);
    EXPECT_EQ(back.answer_when, AnswerWhen::Done);
    EXPECT_EQ(back.timeout, 1500ms);
    EXPECT_EQ(back.command_line, "reeve do \"it\"");

    OperationRequest hasty = around(Shutdown{});
    hasty.answer_when = AnswerWhen::Accepted;
    EXPECT_EQ(travelled(hasty).answer_when, AnswerWhen::Accepted);
}

TEST(RequestCodecTest, KeepsTheVerbAndItsArguments) {
    const std::vector<spec::Target> targets = {{"shop", "web.1"}, {"b*", ""}};
    EXPECT_EQ(std::get<Start>(travelled(around(Start{targets})).verb).targets, targets);
    EXPECT_EQ(std::get<Stop>(travelled(around(Stop{targets})).verb).targets, targets);
    EXPECT_EQ(std::get<Restart>(travelled(around(Restart{targets})).verb).targets, targets);
    EXPECT_EQ(std::get<Unmonitor>(travelled(around(Unmonitor{targets})).verb).targets, targets);
    EXPECT_EQ(std::get<Unload>(travelled(around(Unload{"a \"b\" \xC3\xA9"})).verb).app,
              "a \"b\" \xC3\xA9");
    EXPECT_TRUE(std::holds_alternative<Shutdown>(travelled(around(Shutdown{})).verb));

    const auto signal = std::get<Signal>(travelled(around(Signal{targets, 10})).verb);
    EXPECT_EQ(signal.targets, targets);
    EXPECT_EQ(signal.signal, 10);

    const auto scale = std::get<Scale>(travelled(around(Scale{"shop", {{"web", 3}}})).verb);
    EXPECT_EQ(scale.app, "shop");
    EXPECT_EQ(scale.counts, (std::vector<Scale::Count>{{"web", 3}}));
}

TEST(RequestCodecTest, CarriesAWholeApp) {
    spec::App app;
    app.name = "shop";
    app.directory = "/srv/shop";
    spec::Service web;
    web.name = "web";
    web.command = spec::ShellCommand{"echo \"a\nb\"", spec::Shell::Bash};
    app.services.push_back(web);
    Load load{std::make_shared<const spec::App>(app), false};
    const auto back = std::get<Load>(travelled(around(load)).verb);
    EXPECT_FALSE(back.start);
    EXPECT_EQ(*back.app, app);
}

TEST(RequestCodecTest, NamesTheFieldThatIsWrong) {
    EXPECT_EQ(refusal_of("{]"), "the first line is not a JSON object");
    EXPECT_EQ(refusal_of(R"({"verb":"stop","targets":["a"]})"), "id: a text is needed");
    EXPECT_EQ(refusal_of(R"({"id":"1","verb":"dance"})"), "verb: \"dance\" is none");
    EXPECT_EQ(refusal_of(R"({"id":"1","verb":"stop","targets":[]})"),
              "targets: a list that is not empty is needed");
    EXPECT_EQ(refusal_of(R"({"id":"1","verb":"stop","targets":[7]})"),
              "targets: each must be a text");
    EXPECT_EQ(refusal_of(R"({"id":"1","verb":"signal","targets":["a"],"signal":65})"),
              "signal: must be from 1 to 64");
    EXPECT_EQ(refusal_of(R"({"id":"1","verb":"signal","targets":["a"],"signal":1e3})"),
              "signal: a whole number is needed");
    EXPECT_EQ(
        refusal_of(
            R"({"id":"1","verb":"scale","app":"a","counts":[{"service":"w","instances":-1}]})"),
        "instances: must be from 0 to 10000");
    EXPECT_EQ(refusal_of(R"({"id":"1","verb":"shutdown","timeout_ms":18446744073709551615})"),
              "timeout_ms: must be from 0 to 31536000000");
    EXPECT_EQ(refusal_of(R"({"id":"1","verb":"shutdown","wait":"no"})"),
              "wait: true or false is needed");
    EXPECT_EQ(refusal_of(R"({"id":"1","verb":"shutdown"})"), "taken");
    EXPECT_NE(refusal_of("{\"id\":\"1\",\"verb\":\"load\"}\n{}"), "taken");
}

TEST(ReplyCodecTest, KeepsWhatWasSaid) {
    OperationReply reply;
    reply.code = Code::Failed;
    reply.message = "1 of 2 is not running";
    reply.instances = {{"shop", "web", 1, ""}, {"init", "puma", 0, "3"}};
    reply.problems = {"shop/web.1: exited with code 1"};
    reply.durable = false;
    reply.warning = "the disk is full";
    const auto back = operation_reply_from_json(to_json(reply));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->code, Code::Failed);
    EXPECT_EQ(back->message, reply.message);
    EXPECT_EQ(back->instances, reply.instances);
    EXPECT_EQ(back->problems, reply.problems);
    EXPECT_FALSE(back->durable);
    EXPECT_EQ(back->warning, reply.warning);
}

TEST(ReplyCodecTest, KnowsEveryCodeByItsText) {
    for (const Code code :
         {Code::Done, Code::Accepted, Code::TimedOut, Code::Failed, Code::NotRunning, Code::Invalid,
          Code::NoSuchTarget, Code::NotPermitted, Code::Busy, Code::Unavailable}) {
        EXPECT_EQ(code_from_text(to_text(code)), code);
    }
    EXPECT_EQ(code_from_text("splendid"), std::nullopt);
    EXPECT_FALSE(operation_reply_from_json(R"({"code":"splendid"})"));
}

}  // namespace
}  // namespace reeve::api
