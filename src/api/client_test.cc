#include "api/client.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/test_directory.h"

namespace reeve::api {
namespace {

const char kOk[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nReeve-Code: done\r\n\r\nok";

/// A daemon played by a child process: for each text it accepts one client, reads its request,
/// writes the text and hangs up.
class ClientTest : public testing::Test {
protected:
    ClientTest() { patience_.reconnect = 5s; }
    ~ClientTest() override {
        if (child_ > 0) {
            ::kill(child_, SIGKILL);
            ::waitpid(child_, nullptr, 0);
        }
    }

    std::string path() const { return directory_.path("s"); }

    void play(const std::vector<std::string>& answers) {
        os::UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path().copy(address.sun_path, sizeof address.sun_path - 1);
        ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        ASSERT_EQ(::listen(listener.get(), 8), 0);
        child_ = ::fork();
        if (child_ != 0) return;
        for (const std::string& answer : answers)
            answer_one(listener.get(), answer);
        ::_exit(0);
    }

    static void answer_one(int listener, const std::string& answer) {
        const os::UniqueFd client(::accept(listener, nullptr, nullptr));
        char request[4096];
        if (::read(client.get(), request, sizeof request) <= 0) return;
        const ssize_t written = ::write(client.get(), answer.data(), answer.size());
        (void)written;  // a client that has gone is what some tests are about
    }

    Result<ClientResponse> ask() const {
        return Client(path()).send({"GET", "/v1/version", ""}, patience_, nullptr);
    }

    TestDirectory directory_;
    ClientPatience patience_;
    pid_t child_ = 0;
};

TEST_F(ClientTest, ReadsAnAnswer) {
    play({kOk});
    const auto answer = ask();
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "ok");
    EXPECT_EQ(header(*answer, "reeve-code"), "done");
}

TEST_F(ClientTest, AsksAgainWhenTheDaemonGoesAway) {
    play({"", "HTTP/1.1 200 OK\r\nContent-Le", kOk});
    const auto answer = ask();
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body, "ok");
}

TEST_F(ClientTest, DoesNotAskAgainWithoutPatience) {
    play({""});
    patience_.reconnect = 0s;
    const auto answer = ask();
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ECONNRESET);
}

TEST_F(ClientTest, SaysAtOnceThatNoDaemonIsThere) {
    const auto answer = ask();
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ENOENT);
    EXPECT_NE(answer.error().message.find(path()), std::string::npos);
}

TEST_F(ClientTest, EndsItsPatience) {
    os::UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(listener.get(), 8), 0);
    patience_.answer = 5ms;
    int reports = 0;
    const auto answer =
        Client(path()).send({"GET", "/v1/version", ""}, patience_, [&](Duration) { ++reports; });
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ETIMEDOUT);
    EXPECT_GT(reports, 0);
}

TEST_F(ClientTest, ReadsChunkedAnswersAndTheFirstOfTwo) {
    play({"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
          format_chunk("hel") + format_chunk("lo") + format_chunk("")});
    const auto answer = ask();
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body, "hello");
}

TEST_F(ClientTest, HandsAStreamOnLineByLine) {
    play({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + format_chunk("one\ntw") +
          format_chunk("o\n") + format_chunk("")});
    auto stream = Client(path()).open_stream("/v1/events", patience_);
    ASSERT_TRUE(stream) << stream.error().message;
    std::string lines;
    for (bool more = true; more;) {
        pollfd waiting{stream->fd(), POLLIN, 0};
        ASSERT_EQ(::poll(&waiting, 1, 5000), 1);
        const auto read =
            stream->read([&](std::string_view line) { lines += std::string(line) + ";"; });
        ASSERT_TRUE(read) << read.error().message;
        more = *read;
    }
    EXPECT_EQ(lines, "one;two;");
}

TEST_F(ClientTest, TellsABrokenStreamFromAFinishedOne) {
    play({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + format_chunk("one\n")});
    auto stream = Client(path()).open_stream("/v1/events", patience_);
    ASSERT_TRUE(stream);
    Result<bool> read = true;
    while (read && *read) {
        pollfd waiting{stream->fd(), POLLIN, 0};
        ASSERT_EQ(::poll(&waiting, 1, 5000), 1);
        read = stream->read([](std::string_view) {});
    }
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ECONNRESET);
}

TEST(EscapeQueryTest, EscapesWhatWouldBeMisread) {
    EXPECT_EQ(escape_query("shop/web.1"), "shop/web.1");
    EXPECT_EQ(escape_query("a b&c=%\xC3\xA9"), "a%20b%26c%3D%25%C3%A9");
    EXPECT_EQ(*unescape_query(escape_query("a b&c=%\xC3\xA9?#")), "a b&c=%\xC3\xA9?#");
}

}  // namespace
}  // namespace reeve::api
