#pragma once

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <string_view>

#include "api/fake_backend.h"
#include "api/server.h"
#include "base/test_directory.h"

namespace reeve::api {

/// A server with a fake backend, and clients of it, all in one thread: `turn` lets the server work.
class ServerTest : public testing::Test {
protected:
    ServerTest() {
        limits_.idle = 10s;
        limits_.exchange = 10s;
    }
    ~ServerTest() override {
        server_.reset();
        turn();  // what a connection has put off holds its buffer
        ::event_base_free(base_);
    }

    std::string socket_path() const { return directory_.path("s"); }

    sockaddr_un address() const {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        socket_path().copy(address.sun_path, sizeof address.sun_path - 1);
        return address;
    }

    void serve() {
        os::UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const sockaddr_un name = address();
        ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
        ASSERT_EQ(::listen(listener.get(), 16), 0);
        auto server = Server::listen(base_, std::move(listener), backend_, limits_);
        ASSERT_TRUE(server);
        server_ = std::make_unique<Server>(std::move(server).value());
    }

    void turn() {
        for (int i = 0; i < 8; ++i)
            ::event_base_loop(base_, EVLOOP_NONBLOCK);
    }

    os::UniqueFd connect() {
        os::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        const sockaddr_un name = address();
        EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
        return fd;
    }

    void write(const os::UniqueFd& fd, std::string_view text) {
        ASSERT_EQ(::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(text.size()));
        turn();
    }

    /// What has come so far.
    std::string read(const os::UniqueFd& fd) {
        turn();
        std::string text;
        char piece[65536];
        for (;;) {
            const ssize_t got = ::recv(fd.get(), piece, sizeof piece, MSG_DONTWAIT);
            if (got <= 0) return text;
            text.append(piece, static_cast<std::size_t>(got));
            turn();
        }
    }

    /// All that comes until the server closes the connection.
    std::string read_to_end(const os::UniqueFd& fd) {
        std::string text;
        for (;;) {
            turn();
            char piece[4096];
            const ssize_t got = ::recv(fd.get(), piece, sizeof piece, MSG_DONTWAIT);
            if (got > 0) text.append(piece, static_cast<std::size_t>(got));
            if (got == 0 || (got < 0 && errno != EAGAIN)) return text;
        }
    }

    /// Whether the server has closed the connection. Reads away what was still there.
    bool closed(const os::UniqueFd& fd) {
        turn();
        char piece[4096];
        ssize_t got = 1;
        while (got > 0)
            got = ::recv(fd.get(), piece, sizeof piece, MSG_DONTWAIT);
        return got == 0 || errno == ECONNRESET;
    }

    std::string ask(std::string_view request) {
        const os::UniqueFd fd = connect();
        write(fd, request);
        return read(fd);
    }

    std::string get(const std::string& path) { return ask("GET " + path + " HTTP/1.1\r\n\r\n"); }

    static std::string post(const std::string& body) {
        return "POST /v1/operations HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body;
    }

    TestDirectory directory_;
    ServerLimits limits_;
    FakeBackend backend_ = shop_backend();
    event_base* base_ = ::event_base_new();
    std::unique_ptr<Server> server_;
};

inline constexpr char kStop[] = R"({"id":"1f","verb":"stop","targets":["shop"]})";

inline bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

inline std::size_t count(const std::string& text, std::string_view part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++found;
    return found;
}

inline status::Transition transition_of(const std::string& service) {
    status::Transition transition;
    transition.instance = {"shop", service, 1, ""};
    transition.to = status::State::Running;
    return transition;
}

}  // namespace reeve::api
