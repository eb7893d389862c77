#include "drivers/http_answer.h"

#include <gtest/gtest.h>

namespace reeve::drivers {
namespace {

using Progress = HttpAnswer::Progress;

// The answer after all of `text`, in pieces of `piece` bytes.
HttpAnswer read(std::string_view text, std::size_t piece) {
    HttpAnswer answer;
    for (std::size_t i = 0; i < text.size(); i += piece)
        answer.feed(text.substr(i, piece));
    return answer;
}

TEST(HttpAnswerTest, IsTheSameInPiecesOfAnySize) {
    const std::string_view text =
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5;x=y\r\nhello\r\n1\r\n!\r\n0\r\n\r\n";
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        HttpAnswer answer = read(text, piece);
        EXPECT_EQ(answer.feed(""), Progress::Complete) << piece;
        EXPECT_EQ(answer.status(), 200U);
        EXPECT_EQ(answer.status_line(), "200 OK");
        EXPECT_EQ(answer.body(), "hello!");
    }
}

TEST(HttpAnswerTest, IsCompleteWithItsLengthOrItsClose) {
    HttpAnswer answer;
    EXPECT_EQ(answer.feed("HTTP/1.0 503 Busy\nContent-Length: 3\n\nab"), Progress::Reading);
    EXPECT_EQ(answer.feed("c"), Progress::Complete);
    EXPECT_EQ(answer.body(), "abc");

    HttpAnswer open;
    EXPECT_EQ(open.feed("HTTP/1.1 200\r\n\r\nab"), Progress::Reading);
    EXPECT_EQ(open.end(), Progress::Complete);
    EXPECT_EQ(open.body(), "ab");

    HttpAnswer none;
    EXPECT_EQ(none.feed("HTTP/1.1 204 No Content\r\n\r\n"), Progress::Complete);
    HttpAnswer moved;
    EXPECT_EQ(moved.feed("HTTP/1.1 302 Found\r\nLOCATION:  /new \r\nContent-Length: 0\r\n\r\n"),
              Progress::Complete);
    EXPECT_EQ(moved.location(), "/new");
}

TEST(HttpAnswerTest, WhatIsNoHttpIsBroken) {
    for (const char* text : {"SSH-2.0-OpenSSH\r\n", "HTTP/2 200\r\n", "HTTP/1.1 2x0 OK\r\n",
                             "HTTP/1.1 2000 OK\r\n", "\r\n"}) {
        EXPECT_EQ(HttpAnswer().feed(text), Progress::Broken) << text;
    }
    HttpAnswer cut;
    cut.feed("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab");
    EXPECT_EQ(cut.end(), Progress::Broken);
    HttpAnswer chunk;
    EXPECT_EQ(chunk.feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
              Progress::Broken);
}

TEST(HttpAnswerTest, NothingGrowsWithoutBound) {
    HttpAnswer head;
    EXPECT_EQ(head.feed(std::string(HttpAnswer::kHeadBytesMax + 1, 'x')), Progress::Broken);
    HttpAnswer body;
    body.feed("HTTP/1.1 200 OK\r\n\r\n");
    Progress progress = Progress::Reading;
    for (int i = 0; i < 2000 && progress == Progress::Reading; ++i)
        progress = body.feed(std::string(1024, 'x'));
    EXPECT_EQ(progress, Progress::Complete);
    EXPECT_EQ(body.body().size(), HttpAnswer::kBodyBytesMax);
}

}  // namespace
}  // namespace reeve::drivers
