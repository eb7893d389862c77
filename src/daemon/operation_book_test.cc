#include "daemon/operation_book.h"

#include <gtest/gtest.h>

namespace reeve::daemon {
namespace {

struct Heard {
    std::vector<api::OperationReply> replies;
    api::OperationAnswer ear() {
        return [this](const api::OperationReply& reply) { replies.push_back(reply); };
    }
};

TEST(OperationBookTest, AnswersTheEndOnlyWhenWhatItMeantToRememberIsDurable) {
    OperationBook book;
    Heard heard;
    book.wait(7, api::AnswerWhen::Done, heard.ear());
    book.remembering(7);
    book.accepted({7, {}});
    book.done({7, true, {}, "stopped 2 instances"});
    EXPECT_TRUE(heard.replies.empty());
    book.remembered(7, true, "");
    ASSERT_EQ(heard.replies.size(), 1U);
    EXPECT_EQ(heard.replies[0].code, api::Code::Done);
    EXPECT_TRUE(heard.replies[0].durable);
    EXPECT_FALSE(book.waiting());
}

TEST(OperationBookTest, SaysWhatIsNotOnDisk) {
    OperationBook book;
    Heard heard;
    book.wait(7, api::AnswerWhen::Accepted, heard.ear());
    book.remembering(7);
    book.accepted({7, {}});
    book.remembered(7, false, "No space left on device");
    ASSERT_EQ(heard.replies.size(), 1U);
    EXPECT_FALSE(heard.replies[0].durable);
    EXPECT_NE(heard.replies[0].warning.find("No space left"), std::string::npos);
}

TEST(OperationBookTest, AnswersThoseWhoWaitForTheStartBeforeThoseWhoWaitForTheEnd) {
    OperationBook book;
    Heard at_start;
    Heard at_end;
    book.wait(7, api::AnswerWhen::Done, at_end.ear());
    book.wait(7, api::AnswerWhen::Accepted, at_start.ear());
    book.accepted({7, {}});
    ASSERT_EQ(at_start.replies.size(), 1U);
    EXPECT_EQ(at_start.replies[0].code, api::Code::Accepted);
    EXPECT_TRUE(at_end.replies.empty());
    book.done({7, false, {"shop/web.1: exited with code 1"}, "failed"});
    ASSERT_EQ(at_end.replies.size(), 1U);
    EXPECT_EQ(at_end.replies[0].code, api::Code::Failed);
    EXPECT_EQ(at_end.replies[0].problems.size(), 1U);
}

TEST(OperationBookTest, HandsRefusalsOnAndForgetsThem) {
    OperationBook book;
    Heard heard;
    book.wait(7, api::AnswerWhen::Done, heard.ear());
    book.refused({7, core::Refusal::NoSuchTarget, "there is no app shop"});
    ASSERT_EQ(heard.replies.size(), 1U);
    EXPECT_EQ(heard.replies[0].code, api::Code::NoSuchTarget);
    EXPECT_FALSE(book.waiting());
    book.done({7, true, {}, ""});
    EXPECT_EQ(heard.replies.size(), 1U);
}

}  // namespace
}  // namespace reeve::daemon
