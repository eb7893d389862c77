#include "api/http.h"

#include <gtest/gtest.h>

namespace reeve::api {
namespace {

int status_of(std::string_view text) {
    const auto head = parse_request_head(text);
    return head ? 200 : head.error().code;
}

TEST(HttpTest, TakesARequestApart) {
    const auto head = parse_request_head(
        "POST /v1/a%20b?target=shop%2Fweb.1&x&target=c%26d HTTP/1.1\r\nHost: reeve\r\n"
        "Content-Length: 12\r\nExpect: 100-Continue\r\n\r\n");
    ASSERT_TRUE(head) << head.error().message;
    EXPECT_EQ(head->method, "POST");
    EXPECT_EQ(head->path, "/v1/a b");
    EXPECT_EQ(query_values(*head, "target"), (std::vector<std::string>{"shop/web.1", "c&d"}));
    EXPECT_EQ(query_value(*head, "x"), "");
    EXPECT_EQ(query_value(*head, "y"), std::nullopt);
    EXPECT_EQ(head->content_length, 12U);
    EXPECT_TRUE(head->keep_alive);
    EXPECT_TRUE(head->expects_continue);
}

TEST(HttpTest, ClosesAfterOldOrAskingClients) {
    EXPECT_FALSE(parse_request_head("GET / HTTP/1.0\r\n\r\n")->keep_alive);
    EXPECT_FALSE(parse_request_head("GET / HTTP/1.1\r\nConnection: Close\r\n\r\n")->keep_alive);
}

TEST(HttpTest, RefusesWhatIsAmbiguous) {
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 200);
    EXPECT_EQ(status_of("GET / HTTP/1.1\n\n"), 400);
    EXPECT_EQ(status_of("GET /  HTTP/1.1\r\n\r\n"), 400);
    EXPECT_EQ(status_of("GET x HTTP/1.1\r\n\r\n"), 400);
    EXPECT_EQ(status_of("GET / HTTP/2.0\r\n\r\n"), 505);
    EXPECT_EQ(status_of("GET /%zz HTTP/1.1\r\n\r\n"), 400);
    EXPECT_EQ(status_of("GET /%00 HTTP/1.1\r\n\r\n"), 400);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nA b: c\r\n\r\n"), 400);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n"), 400);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"), 400);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"), 400);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n"), 400);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"), 501);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nA: \x01\r\n\r\n"), 400);
}

TEST(HttpTest, ReadsTheAnswersThatItWrites) {
    const auto plain =
        parse_response_head(format_response_head(404, "text/plain", 7, false, {{"X-A", "b"}}));
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->status, 404);
    EXPECT_EQ(plain->content_length, 7U);
    EXPECT_EQ(plain->headers.at("x-a"), "b");
    EXPECT_EQ(plain->headers.at("connection"), "close");
    EXPECT_FALSE(plain->chunked);
    EXPECT_TRUE(parse_response_head(format_response_head(200, "text/plain", std::nullopt, true, {}))
                    ->chunked);
    EXPECT_FALSE(parse_response_head("SSH-2.0-OpenSSH_9.2\r\n\r\n"));
    EXPECT_FALSE(
        parse_response_head("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n"));
}

TEST(HttpTest, PutsChunksTogetherHoweverTheyAreCut) {
    const std::string body =
        format_chunk("hello ") + format_chunk(std::string(300, 'x')) + format_chunk("");
    for (std::size_t piece = 1; piece < body.size(); ++piece) {
        ChunkReader reader;
        std::string out;
        for (std::size_t at = 0; at < body.size(); at += piece) {
            EXPECT_FALSE(reader.finished());
            ASSERT_TRUE(reader.feed(std::string_view(body).substr(at, piece), out));
        }
        EXPECT_TRUE(reader.finished());
        EXPECT_EQ(out, "hello " + std::string(300, 'x'));
    }
}

TEST(HttpTest, RefusesBrokenChunks) {
    for (const std::string text : {"zz\r\n", "5\n", "2\r\nabc\r\n", "\r\n"}) {
        ChunkReader reader;
        std::string out;
        EXPECT_FALSE(reader.feed(text, out)) << text;
    }
}

}  // namespace
}  // namespace reeve::api
