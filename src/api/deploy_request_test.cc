#include "api/deploy_request.h"

#include <gtest/gtest.h>

namespace reeve::api {
namespace {

DeployRequest full_request() {
    DeployRequest request;
    request.id = 0xABC;
    request.app = "shop";
    request.kind = DeployKind::Git;
    request.source = "https://example.org/shop.git";
    request.reference = "main";
    request.release = 3;
    request.fetch_only = true;
    request.if_changed = true;
    request.metadata = "push";
    request.revision = "abcdef";
    request.command_line = "dokku git:sync shop";
    return request;
}

TEST(DeployRequestTest, ComesBackAsItWasWritten) {
    const auto read = deploy_request_from_json(to_json(full_request()));
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(*read, full_request());
}

TEST(DeployRequestTest, RefusesWhatIsNone) {
    const auto with = [](auto change) {
        DeployRequest request = full_request();
        change(request);
        return deploy_request_from_json(to_json(request));
    };
    EXPECT_FALSE(with([](auto& r) { r.id = 0; }).ok());
    EXPECT_FALSE(with([](auto& r) { r.app.clear(); }).ok());
    EXPECT_FALSE(with([](auto& r) { r.source = "--upload-pack=x"; }).ok());
    EXPECT_FALSE(with([](auto& r) { r.reference = "-b"; }).ok());
    EXPECT_FALSE(with([](auto& r) { r.source = "a\nb"; }).ok());
    EXPECT_FALSE(with([](auto& r) { r.source = std::string(5000, 'x'); }).ok());
    for (const char* text : {"", "[]", R"({"id":"1","app":"a","kind":"fly"})",
                             R"({"id":"1","app":"a","kind":"git","release":-1})",
                             R"({"id":"1","app":"a","kind":"git","fetch_only":1})",
                             R"({"id":"1","app":"a","kind":"git","if_changed":"no"})"}) {
        EXPECT_FALSE(deploy_request_from_json(text).ok()) << text;
    }
}

TEST(DeployRequestTest, TellsOutputAndTheEnd) {
    const auto text = deploy_news_from_json(deploy_text_line("-----> Building\n\"x\""));
    ASSERT_TRUE(text.ok());
    EXPECT_EQ(text->text, "-----> Building\n\"x\"");
    EXPECT_FALSE(text->reply.has_value());
    OperationReply reply;
    reply.code = Code::Failed;
    reply.message = "no";
    reply.problems = {"line"};
    const auto end = deploy_news_from_json(deploy_reply_line(reply));
    ASSERT_TRUE(end.ok());
    ASSERT_TRUE(end->reply.has_value());
    EXPECT_EQ(end->reply->code, Code::Failed);
    EXPECT_EQ(end->reply->problems, reply.problems);
    EXPECT_FALSE(deploy_news_from_json("nonsense").ok());
}

}  // namespace
}  // namespace reeve::api
