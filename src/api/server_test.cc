#include "api/server.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>
#include <gtest/gtest.h>

#include "api/http.h"
#include "api/server_fixture.h"
#include "base/log.h"

namespace reeve::api {
namespace {

TEST_F(ServerTest, AnswersOneRequestAfterTheOther) {
    serve();
    const os::UniqueFd fd = connect();
    write(fd, "GET /v1/version HTTP/1.1\r\n\r\nGET /v1/version HTTP/1.1\r\n\r\n");
    EXPECT_EQ(count(read(fd), "HTTP/1.1 200 OK"), 2U);
    write(fd, "GET /v1/doctor HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(contains(read(fd), "Reeve-Code: done"));
    EXPECT_FALSE(closed(fd));
    write(fd, "GET /v1/version HTTP/1.1\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(contains(read(fd), "\"version\":\"0.1.0\""));
    EXPECT_TRUE(closed(fd));
}

TEST_F(ServerTest, TakesRequestsInSingleBytes) {
    serve();
    const os::UniqueFd fd = connect();
    for (const char c : post(kStop))
        write(fd, std::string_view(&c, 1));
    EXPECT_EQ(backend_.submitted.size(), 1U);
}

TEST_F(ServerTest, SaysWhetherWhatWasNamedRuns) {
    serve();
    EXPECT_TRUE(contains(get("/v1/status?target=shop/web.1"), "Reeve-Code: done"));
    EXPECT_TRUE(contains(get("/v1/status?target=shop"), "Reeve-Code: not-running"));
    EXPECT_TRUE(contains(get("/v1/status"), "Reeve-Code: done"));
    const std::string unknown = get("/v1/status?target=shop&target=shop/nobody");
    EXPECT_TRUE(contains(unknown, "HTTP/1.1 404"));
    EXPECT_TRUE(contains(unknown, "Reeve-Code: no-such-target"));
    EXPECT_TRUE(contains(unknown, "nothing is named shop/nobody; `reeve status` shows what is"));
    EXPECT_TRUE(contains(get("/v1/status?target=web.1"), "did you mean shop/web.1?"));
}

TEST_F(ServerTest, ShowsAPageForOneAndATableForMore) {
    serve();
    const std::string page = get("/v1/status?format=text&target=shop/web.1");
    EXPECT_TRUE(contains(page, "shop/web.1: running for 3m10s"));
    EXPECT_TRUE(contains(page, "Reeve-Log: /var/log/reeve/shop/web.1.log"));
    EXPECT_TRUE(contains(get("/v1/status?format=text&target=shop"), "INSTANCE  STATE"));
    EXPECT_TRUE(
        contains(get("/v1/status?format=text&view=formation&target=shop"), "WANTED  RUNNING"));
    EXPECT_TRUE(contains(get("/v1/status?format=text&color=1"), "\x1b[32mrunning\x1b[0m"));
    EXPECT_TRUE(contains(get("/v1/status?format=xml"), "HTTP/1.1 400"));
    EXPECT_TRUE(contains(get("/v1/status?width=-1"), "HTTP/1.1 400"));
}

TEST_F(ServerTest, HandsOperationsOnWithTheirPeerAndAnswersLater) {
    serve();
    const os::UniqueFd fd = connect();
    write(fd, post(kStop));
    ASSERT_EQ(backend_.submitted.size(), 1U);
    EXPECT_EQ(backend_.submitted[0].first.id, 0x1FU);
    EXPECT_EQ(backend_.peers[0].uid, ::getuid());
    EXPECT_EQ(backend_.peers[0].pid, ::getpid());
    EXPECT_EQ(read(fd), "");
    EXPECT_TRUE(server_->busy());

    OperationReply reply;
    reply.message = "stopped";
    backend_.submitted[0].second(reply);
    EXPECT_TRUE(contains(read(fd), "\"message\":\"stopped\""));
    EXPECT_FALSE(server_->busy());
    backend_.submitted[0].second(reply);  // a second answer goes nowhere
    EXPECT_EQ(read(fd), "");
    write(fd, "GET /v1/version HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(contains(read(fd), "200 OK"));
}

TEST_F(ServerTest, AnswersThatComeTooLateHurtNobody) {
    serve();
    {
        const os::UniqueFd fd = connect();
        write(fd, post(kStop));
    }
    turn();
    ASSERT_EQ(backend_.submitted.size(), 1U);
    backend_.submitted[0].second(OperationReply{});  // the client has gone

    const os::UniqueFd fd = connect();
    write(fd, post(kStop));
    server_.reset();
    ASSERT_EQ(backend_.submitted.size(), 2U);
    backend_.submitted[1].second(OperationReply{});  // the server has gone
}

TEST_F(ServerTest, KeepsPipelinedRequestsUntilTheAnswer) {
    serve();
    const os::UniqueFd fd = connect();
    write(fd, post(kStop) + "GET /v1/version HTTP/1.1\r\n\r\n");
    EXPECT_EQ(read(fd), "");
    ASSERT_EQ(backend_.submitted.size(), 1U);
    backend_.submitted[0].second(OperationReply{});
    EXPECT_EQ(count(read(fd), "HTTP/1.1 200 OK"), 2U);
}

TEST_F(ServerTest, TellsAClientWhoseTimeIsOver) {
    serve();
    const os::UniqueFd fd = connect();
    write(fd, post(R"({"id":"1","verb":"shutdown","timeout_ms":1})"));
    ::event_base_loop(base_, EVLOOP_ONCE);
    EXPECT_TRUE(contains(read(fd), "\"code\":\"timed-out\""));
    ASSERT_EQ(backend_.submitted.size(), 1U);
    backend_.submitted[0].second(OperationReply{});
    EXPECT_EQ(read(fd), "");
}

TEST_F(ServerTest, RefusesThoseWhoMayNot) {
    backend_.permitting = false;
    serve();
    const std::string answer = ask(post(kStop));
    EXPECT_TRUE(contains(answer, "HTTP/1.1 403"));
    EXPECT_TRUE(contains(answer, "Reeve-Code: not-permitted"));
    EXPECT_TRUE(backend_.submitted.empty());
    EXPECT_TRUE(contains(get("/v1/version"), "200 OK"));
}

TEST_F(ServerTest, RefusesWhatItDoesNotKnow) {
    serve();
    EXPECT_TRUE(contains(get("/v2/status"), "HTTP/1.1 404"));
    EXPECT_TRUE(contains(ask("DELETE /v1/status HTTP/1.1\r\n\r\n"), "HTTP/1.1 405"));
    EXPECT_TRUE(contains(ask("rubbish\r\n\r\n"), "HTTP/1.1 400"));
    EXPECT_TRUE(contains(ask(post("{}")), "\"code\":\"invalid\""));
}

TEST_F(ServerTest, RefusesWhatIsTooLong) {
    serve();
    EXPECT_TRUE(contains(ask("GET / HTTP/1.1\r\nA: " + std::string(limits_.head_bytes_max, 'a')),
                         "HTTP/1.1 431"));
    EXPECT_TRUE(contains(ask("POST /v1/operations HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n"),
                         "HTTP/1.1 413"));
    EXPECT_EQ(ask("POST /v1/operations/load HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n"), "");
    EXPECT_TRUE(
        contains(ask("POST /v1/operations/load HTTP/1.1\r\nContent-Length: 16777217\r\n\r\n"),
                 "HTTP/1.1 413"));
}

TEST_F(ServerTest, BoundsTheBodiesOfAllClientsTogether) {
    limits_.all_bodies_bytes_max = std::size_t{20} << 20;
    serve();
    const char kLarge[] = "POST /v1/operations/load HTTP/1.1\r\nContent-Length: 15000000\r\n\r\n";
    const os::UniqueFd first = connect();
    write(first, kLarge);
    EXPECT_EQ(read(first), "");
    EXPECT_TRUE(contains(ask(kLarge), "HTTP/1.1 503"));
    EXPECT_TRUE(contains(ask(post("{}")), "HTTP/1.1 400"));
}

TEST_F(ServerTest, InvitesABodyThatWaitsForIt) {
    serve();
    const os::UniqueFd fd = connect();
    write(fd, "POST /v1/operations HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(read(fd), "HTTP/1.1 100 Continue\r\n\r\n");
    write(fd, "{}");
    EXPECT_TRUE(contains(read(fd), "HTTP/1.1 400"));
}

TEST_F(ServerTest, GivesUpOnIdleAndSlowClients) {
    limits_.idle = 1ms;
    limits_.exchange = 2ms;
    serve();
    const os::UniqueFd idle = connect();
    std::string text;
    // Where this process had to wait for a CPU, the answer came too late, too: once more.
    while (text.empty()) {
        const os::UniqueFd slow = connect();
        write(slow, "GET /v1/ver");
        text = read_to_end(slow);
    }
    EXPECT_TRUE(contains(text, "HTTP/1.1 408"));
    while (!closed(idle))
        turn();
}

TEST_F(ServerTest, LetsOneClientInWhenThereAreNoDescriptorsLeft) {
    limits_.accept_pause = 1ms;
    serve();
    // The sanitizer opens descriptors when it meets a class for the first time: not below.
    EXPECT_TRUE(contains(get("/v1/version"), "200 OK"));
    log::warning("this line is the test's own");
    turn();
    const os::UniqueFd first = connect();
    const os::UniqueFd second = connect();
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const rlim_t next_fd = static_cast<rlim_t>(::dup(first.get()));
    ::close(static_cast<int>(next_fd));
    const std::string_view request = "GET /v1/version HTTP/1.1\r\n\r\n";
    ASSERT_EQ(::send(first.get(), request.data(), request.size(), 0),
              static_cast<ssize_t>(request.size()));
    ASSERT_EQ(::send(second.get(), request.data(), request.size(), 0),
              static_cast<ssize_t>(request.size()));
    const rlimit none_left{next_fd, before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none_left);
    turn();
    char answer[16];
    const ssize_t first_got = ::recv(first.get(), answer, sizeof answer, MSG_DONTWAIT);
    const ssize_t second_got = ::recv(second.get(), answer, sizeof answer, MSG_DONTWAIT);
    ::setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_GT(first_got, 0);
    EXPECT_EQ(second_got, -1);
    std::string text;
    while (text.empty())
        text = read(second);
    EXPECT_TRUE(contains(text, "200 OK"));
}

TEST_F(ServerTest, StreamsWhatWasAndWhatComes) {
    serve();
    const os::UniqueFd fd = connect();
    write(fd, "GET /v1/events?follow=1&n=5&target=shop/web HTTP/1.1\r\n\r\n");
    ASSERT_EQ(backend_.asked.size(), 1U);
    EXPECT_EQ(backend_.asked[0].first.limit, 5U);
    server_->publish(transition_of("web"));
    server_->publish(transition_of("worker"));
    EXPECT_EQ(count(read(fd), "\"service\""), 0U);
    status::Transition past = transition_of("web");
    past.reason = "long ago";
    backend_.asked[0].second(std::vector<status::Transition>{past});
    const std::string text = read(fd);
    EXPECT_EQ(count(text, "\"service\":\"web\""), 2U);
    EXPECT_LT(text.find("long ago"), text.rfind("\"service\":\"web\""));
    EXPECT_FALSE(contains(text, "worker"));
    server_->publish(transition_of("web"));
    EXPECT_EQ(count(read(fd), "\"service\":\"web\""), 1U);
    EXPECT_FALSE(server_->busy());
}

TEST_F(ServerTest, EndsAStreamThatIsNotFollowed) {
    serve();
    const os::UniqueFd fd = connect();
    write(fd, "GET /v1/events?n=1&format=text HTTP/1.1\r\n\r\n");
    ASSERT_EQ(backend_.asked.size(), 1U);
    backend_.asked[0].second(std::vector<status::Transition>{transition_of("web")});
    const std::string text = read(fd);
    EXPECT_TRUE(contains(text, "shop/web.1 stopped -> running"));
    EXPECT_TRUE(contains(text, "\r\n0\r\n\r\n"));
    EXPECT_TRUE(closed(fd));
}

TEST_F(ServerTest, TellsASlowFollowerWhatItMissed) {
    limits_.follower_bytes_max = 10'000;
    serve();
    const os::UniqueFd fd = connect();
    write(fd, "GET /v1/events?follow=1 HTTP/1.1\r\n\r\n");
    std::size_t published = 0;
    for (; published < 5000; ++published) {
        server_->publish(transition_of("web"));
        if (published % 10 == 0) turn();
    }
    std::string text = read(fd);
    server_->publish(transition_of("web"));
    text += read(fd);
    ++published;
    const std::size_t at = text.find("{\"dropped\":");
    ASSERT_NE(at, std::string::npos);
    const std::size_t dropped = std::stoul(text.substr(at + 11));
    EXPECT_EQ(count(text, "\"service\":\"web\"") + dropped, published);
}

TEST_F(ServerTest, ForgetsFollowersThatLeave) {
    serve();
    {
        const os::UniqueFd fd = connect();
        write(fd, "GET /v1/events?follow=1&n=1 HTTP/1.1\r\n\r\n");
    }
    turn();
    server_->publish(transition_of("web"));
    backend_.asked[0].second(std::vector<status::Transition>{});
    EXPECT_TRUE(contains(get("/v1/version"), "200 OK"));
}

TEST_F(ServerTest, TellsWhy) {
    serve();
    const os::UniqueFd fd = connect();
    write(fd, "GET /v1/why?target=shop/web.1 HTTP/1.1\r\n\r\n");
    ASSERT_EQ(backend_.asked.size(), 1U);
    EXPECT_EQ(backend_.asked[0].first.targets[0], (spec::Target{"shop", "web.1"}));
    backend_.asked[0].second(std::vector<status::Transition>{transition_of("web")});
    EXPECT_TRUE(contains(read(fd), "\"transitions\":[{"));
    EXPECT_TRUE(contains(get("/v1/why?target=nobody"), "HTTP/1.1 404"));
    write(fd, "GET /v1/why HTTP/1.1\r\n\r\n");
    backend_.asked.back().second(Error{"the ledger is away"});
    EXPECT_TRUE(contains(read(fd), "the ledger is away"));
}

TEST_F(ServerTest, ClientsWaitWhileItHoldsAccepting) {
    serve();
    server_->hold_accepting();
    const os::UniqueFd client = connect();
    write(client, "GET /v1/version HTTP/1.1\r\n\r\n");
    EXPECT_EQ(read(client), "");
    server_->accept_again();
    EXPECT_NE(read(client).find("200"), std::string::npos);
}

std::string deploy_post() {
    DeployRequest request;
    request.id = 1;
    request.app = "shop";
    const std::string body = to_json(request);
    return "POST /v1/deploys HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

TEST_F(ServerTest, ADeployIsAnsweredLineByLine) {
    serve();
    const os::UniqueFd client = connect();
    write(client, deploy_post());
    ASSERT_EQ(backend_.deploys.size(), 1U);
    EXPECT_EQ(backend_.deploys[0].first.app, "shop");
    backend_.deploys[0].second.on_text("-----> Building shop\n");
    EXPECT_NE(read(client).find("{\"text\":\"-----> Building shop\\n\"}"), std::string::npos);
    OperationReply reply;
    reply.message = "release 1 of shop is deployed";
    backend_.deploys[0].second.on_end(reply);
    EXPECT_NE(read(client).find("release 1 of shop is deployed"), std::string::npos);
}

TEST_F(ServerTest, ADeployGoesOnWithoutItsClient) {
    serve();
    {
        const os::UniqueFd client = connect();
        write(client, deploy_post());
    }
    turn();
    ASSERT_EQ(backend_.deploys.size(), 1U);
    backend_.deploys[0].second.on_text("nobody listens");
    backend_.deploys[0].second.on_end({});
}

TEST_F(ServerTest, TheStoreAnswersAndTakesChanges) {
    serve();
    backend_.stored["shop"] = {{"config/A", "1"}};
    EXPECT_NE(get("/v1/store").find("{\"apps\":[\"shop\"]}"), std::string::npos);
    EXPECT_NE(get("/v1/store?app=shop").find("\"exists\":true"), std::string::npos);
    EXPECT_NE(get("/v1/store?app=other").find("\"exists\":false"), std::string::npos);
    StoreChange change;
    change.app = "shop";
    change.entries = {{"config/B", "2"}};
    const std::string body = to_json(change);
    EXPECT_NE(ask("POST /v1/store HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) +
                  "\r\n\r\n" + body)
                  .find("done"),
              std::string::npos);
    ASSERT_EQ(backend_.changes.size(), 1U);
    EXPECT_EQ(backend_.changes[0], change);
}

}  // namespace
}  // namespace reeve::api
