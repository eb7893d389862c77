#include "cli/ask.h"

#include <errno.h>

#include <gtest/gtest.h>

#include "api/reply.h"

namespace reeve::cli {
namespace {

TEST(AskTest, AsksInTheWayTheUserWantsIt) {
    Context context;
    EXPECT_EQ(query_path(context, "/v1/status", {}), "/v1/status?format=text");
    context.out = {80, true};
    EXPECT_EQ(query_path(context, "/v1/status", {{"a b", "web.1"}, {"*", ""}}),
              "/v1/status?format=text&width=80&color=1&target=a%20b/web.1&target=%2A");
    context.json = true;
    EXPECT_EQ(query_path(context, "/v1/status", {}), "/v1/status?format=json");
}

TEST(AskTest, ReadsTargetsOrSaysWhichWordIsNone) {
    EXPECT_EQ(*parse_targets({"shop", "shop/web.1"}),
              (std::vector<spec::Target>{{"shop", ""}, {"shop", "web.1"}}));
    EXPECT_FALSE(parse_targets({"shop", ""}));
}

TEST(AskTest, SaysWhatToDoWhenReeveDoesNotRun) {
    Context context;
    context.paths.socket = "/nonexistent/reeve.sock";
    testing::internal::CaptureStderr();
    const Asked asked = ask(context, "/v1/status");
    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_FALSE(asked.answered);
    EXPECT_EQ(asked.exit_code, ExitCode::Unreachable);
    EXPECT_NE(said.find("/nonexistent/reeve.sock"), std::string::npos);
    EXPECT_NE(said.find("reeve daemon --detach"), std::string::npos);
}

TEST(AskTest, SaysWhoMayAsk) {
    testing::internal::CaptureStderr();
    print_no_answer(Context{}, Error{"connect: Permission denied", EACCES});
    EXPECT_NE(testing::internal::GetCapturedStderr().find("group reeve"), std::string::npos);
}

TEST(AskTest, PassesRefusalsOn) {
    api::OperationReply reply;
    reply.code = api::Code::NoSuchTarget;
    reply.message = "nothing is named x";
    testing::internal::CaptureStderr();
    EXPECT_EQ(print_refusal(Context{}, {404, {}, api::to_json(reply)}), ExitCode::NoSuchTarget);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "reeve: nothing is named x\n");
    testing::internal::CaptureStderr();
    EXPECT_EQ(print_refusal(Context{}, {413, {}, "too long"}), ExitCode::Unreachable);
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              "reeve: unexpected answer (HTTP 413): too long\n");
}

}  // namespace
}  // namespace reeve::cli
