#include "api/crowd.h"

#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>
#include <gtest/gtest.h>

namespace reeve::api {
namespace {

/// Connections without a server: what they ask for is left unanswered.
class CrowdTest : public testing::Test, public Connection::Owner {
protected:
    ~CrowdTest() override {
        connections_.clear();
        ::event_base_loop(base_, EVLOOP_NONBLOCK);  // what was put off holds buffers
        ::event_base_free(base_);
    }

    Result<std::size_t> body_bytes_max(const Connection&, const HttpRequestHead&) override {
        return std::size_t{1000};
    }
    void on_request(Connection&, const HttpRequestHead&, std::string) override {}
    void on_answer_overdue(Connection&) override {}
    std::uint64_t next_wait() override { return ++waits_; }
    void on_unread(Connection&) override {}
    void on_gone(Connection&) override {}

    /// A connection whose client has said `text`.
    Connection* add(std::string_view text) {
        int ends[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
        clients_.emplace_back(ends[0]);
        auto connection =
            std::make_unique<Connection>(base_, os::UniqueFd(ends[1]), limits_, *this);
        EXPECT_EQ(::send(ends[0], text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
        ::event_base_loop(base_, EVLOOP_NONBLOCK);
        Connection* const key = connection.get();
        connections_.emplace(key, std::move(connection));
        return key;
    }

    event_base* base_ = ::event_base_new();
    ServerLimits limits_;
    Connections connections_;
    std::vector<os::UniqueFd> clients_;
    std::uint64_t waits_ = 0;
};

const char kAsk[] = "GET /v1/version HTTP/1.1\r\n\r\n";

TEST_F(CrowdTest, FindsTheOneThatWaitsLongestForNothing) {
    EXPECT_EQ(find_spare(connections_, std::nullopt), nullptr);
    add(kAsk);
    EXPECT_EQ(find_spare(connections_, std::nullopt), nullptr) << "its answer is due";
    Connection* const half = add("GET /");
    EXPECT_EQ(find_spare(connections_, std::nullopt), half);
    Connection* const first = add("");
    Connection* const second = add("");
    EXPECT_EQ(find_spare(connections_, std::nullopt), first);
    connections_.erase(first);
    EXPECT_EQ(find_spare(connections_, std::nullopt), second);
}

TEST_F(CrowdTest, ARequestThatTheLoopHasNotSeenIsARequest) {
    Connection* const idle = add("");
    EXPECT_EQ(idle->use(), Connection::Use::Idle);
    EXPECT_GT(::send(clients_.back().get(), kAsk, sizeof kAsk - 1, 0), 0);
    EXPECT_EQ(idle->use(), Connection::Use::InFlight);
}

TEST_F(CrowdTest, CountsByUser) {
    add("");
    add(kAsk)->begin_stream("text/plain", {});
    EXPECT_EQ(count_of_user(connections_, ::getuid()), 2U);
    EXPECT_EQ(count_of_user(connections_, ::getuid() + 1), 0U);
    EXPECT_EQ(streams_of_user(connections_, ::getuid()), 1U);
    EXPECT_NE(find_spare(connections_, ::getuid()), nullptr);
    EXPECT_EQ(find_spare(connections_, ::getuid() + 1), nullptr);
}

TEST_F(CrowdTest, FindsWhoHasLeftMostUnread) {
    Connection* const asking = add(kAsk);
    Connection* const small = add(kAsk);
    Connection* const large = add(kAsk);
    EXPECT_EQ(find_most_unread(connections_, *asking), nullptr);
    small->respond(200, "text/plain", {}, std::string(100, 'x'));
    large->respond(200, "text/plain", {}, std::string(200, 'x'));
    asking->respond(200, "text/plain", {}, std::string(300, 'x'));
    EXPECT_EQ(find_most_unread(connections_, *asking), large);
    EXPECT_GT(unread_bytes(connections_), 600U);
}

}  // namespace
}  // namespace reeve::api
