#include <gtest/gtest.h>

#include "api/server_fixture.h"

// What the server does where clients are many, or do not read.
namespace reeve::api {
namespace {

using ServerCrowdTest = ServerTest;

TEST_F(ServerCrowdTest, LetsFurtherClientsWaitWhileAllOthersHaveARequestInFlight) {
    limits_.connections_max = 2;
    serve();
    os::UniqueFd first = connect();
    write(first, post(kStop));
    const os::UniqueFd second = connect();
    write(second, post(kStop));
    const os::UniqueFd third = connect();
    write(third, "GET /v1/version HTTP/1.1\r\n\r\n");
    EXPECT_EQ(read(third), "");
    first.reset();
    EXPECT_TRUE(contains(read(third), "200 OK"));
    EXPECT_FALSE(closed(second));
}

TEST_F(ServerCrowdTest, AnAnswerMakesRoomForThoseWhoWait) {
    limits_.connections_max = 1;
    serve();
    const os::UniqueFd first = connect();
    write(first, post(kStop));
    const os::UniqueFd second = connect();
    write(second, "GET /v1/version HTTP/1.1\r\n\r\n");
    EXPECT_EQ(read(second), "");
    ASSERT_EQ(backend_.submitted.size(), 1U);
    backend_.submitted[0].second(OperationReply{});
    EXPECT_TRUE(contains(read(first), "200 OK"));
    EXPECT_TRUE(contains(read(second), "200 OK"));
}

TEST_F(ServerCrowdTest, WhoWaitsForNothingTheLongestMakesRoomForANewClient) {
    limits_.connections_max = 4;
    serve();
    const os::UniqueFd busy = connect();
    write(busy, post(kStop));
    const os::UniqueFd half = connect();
    write(half, "GET /v1/sta");
    const os::UniqueFd longest = connect();
    write(longest, "GET /v1/version HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(contains(read(longest), "200 OK"));
    const os::UniqueFd shorter = connect();
    write(shorter, "GET /v1/version HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(contains(read(shorter), "200 OK"));
    EXPECT_TRUE(contains(get("/v1/version"), "200 OK"));
    EXPECT_TRUE(closed(longest));
    EXPECT_FALSE(closed(shorter));
    const os::UniqueFd next = connect();
    write(next, "GET /v1/version HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(contains(read(next), "200 OK"));
    const os::UniqueFd last = connect();
    write(last, "GET /v1/version HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(closed(shorter));
    EXPECT_FALSE(closed(half)) << "half a request is worth more than none";
    EXPECT_FALSE(closed(busy));
}

TEST_F(ServerCrowdTest, OneUserLeavesRoomForOthers) {
    limits_.connections_of_user_max = 2;
    serve();
    const os::UniqueFd first = connect();
    write(first, post(kStop));
    const os::UniqueFd second = connect();
    EXPECT_TRUE(contains(get("/v1/version"), "200 OK"));
    EXPECT_TRUE(closed(second));
    const os::UniqueFd third = connect();
    write(third, post(kStop));
    const os::UniqueFd fourth = connect();
    const std::string refused = read(fourth);
    EXPECT_TRUE(contains(refused, "503")) << refused;
    EXPECT_TRUE(contains(refused, "2 requests in flight already")) << refused;
    EXPECT_TRUE(closed(fourth));
}

TEST_F(ServerCrowdTest, AUserFollowsSoManyStreamsAndNoMore) {
    limits_.streams_of_user_max = 1;
    serve();
    const os::UniqueFd first = connect();
    write(first, "GET /v1/events?follow=1 HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(contains(read(first), "200 OK"));
    EXPECT_TRUE(contains(get("/v1/events?follow=1"), "follows 1 streams already"));
    EXPECT_TRUE(contains(get("/v1/version"), "200 OK"));
}

TEST_F(ServerCrowdTest, AClientThatDoesNotReadGetsNoFurtherAnswers) {
    serve();
    const os::UniqueFd fd = connect();
    const int little = 4096;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &little, sizeof little);
    const std::string request = "GET /v1/status HTTP/1.1\r\n\r\n";
    std::string requests;
    for (int i = 0; i < 20; ++i)
        requests += request;
    std::size_t sent = 0;
    for (ssize_t got = 1; got > 0;) {
        got = ::send(fd.get(), requests.data(), requests.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (got > 0) sent += static_cast<std::size_t>(got) / request.size();
        turn();
    }
    ASSERT_GT(sent, 100U);
    const int looks = backend_.looks;
    turn();
    EXPECT_EQ(backend_.looks, looks);
    EXPECT_GT(count(read(fd), "200 OK"), 100U) << "those who read get them";
    EXPECT_GT(backend_.looks, looks);
}

TEST_F(ServerCrowdTest, MoreThanTheBufferHoldsWaitsForAnAnswerWithoutWork) {
    serve();
    const os::UniqueFd fd = connect();
    write(fd, post(kStop));
    ASSERT_EQ(backend_.submitted.size(), 1U);
    std::string requests;
    for (int i = 0; i < 1000; ++i)
        requests += "GET /v1/version HTTP/1.1\r\n\r\n";
    ASSERT_GT(requests.size(), limits_.head_bytes_max);
    write(fd, requests);  // which would not come back, were the loop called again and again
    backend_.submitted[0].second(OperationReply{});
    EXPECT_EQ(count(read(fd), "200 OK"), 1001U);
}

TEST_F(ServerCrowdTest, WhoLeavesMostUnreadIsGivenUp) {
    limits_.unread_bytes_max = 1000;
    serve();
    const os::UniqueFd follower = connect();
    write(follower, "GET /v1/events?follow=1 HTTP/1.1\r\n\r\n");
    for (int i = 0; i < 5000; ++i)
        server_->publish(transition_of("web"));
    turn();
    EXPECT_TRUE(contains(get("/v1/version"), "200 OK"));
    EXPECT_TRUE(closed(follower));
}

TEST_F(ServerCrowdTest, SaysWhoDoesNotReadAndClosesTheConnection) {
    limits_.exchange = 5ms;
    serve();
    const os::UniqueFd follower = connect();
    write(follower, "GET /v1/events?follow=1 HTTP/1.1\r\n\r\n");
    for (int i = 0; i < 5000; ++i)
        server_->publish(transition_of("web"));
    testing::internal::CaptureStdout();  // where a log goes that was not opened
    while (!closed(follower))
        turn();
    EXPECT_TRUE(contains(testing::internal::GetCapturedStdout(), "does not read what it asked"));
}

TEST_F(ServerCrowdTest, AClientThatSaysNoMoreGetsAllItsAnswers) {
    serve();
    const os::UniqueFd fd = connect();
    const std::string both = "GET /v1/version HTTP/1.1\r\n\r\nGET /v1/version HTTP/1.1\r\n\r\n";
    ASSERT_GT(::send(fd.get(), both.data(), both.size(), MSG_NOSIGNAL), 0);
    ::shutdown(fd.get(), SHUT_WR);
    EXPECT_EQ(count(read(fd), "200 OK"), 2U);
    EXPECT_TRUE(closed(fd));
}

}  // namespace
}  // namespace reeve::api
