#include "drivers/net_probe.h"

#include <gtest/gtest.h>

namespace reeve::drivers {
namespace {

TEST(NetProbeTest, AsksLikeABrowserThatClosesTheConnection) {
    spec::HttpProbe probe;
    EXPECT_EQ(http_request(probe, 5000, "/up?x=1"),
              "GET /up?x=1 HTTP/1.1\r\nHost: 127.0.0.1:5000\r\nUser-Agent: reeve\r\nAccept: */*\r\n"
              "Connection: close\r\n\r\n");
    probe.headers = {{"host", "shop.example"}, {"X-Forwarded-Proto", "https"}};
    EXPECT_EQ(http_request(probe, 5000, "/"),
              "GET / HTTP/1.1\r\nhost: shop.example\r\nX-Forwarded-Proto: https\r\n"
              "User-Agent: reeve\r\nAccept: */*\r\nConnection: close\r\n\r\n");
    EXPECT_NE(http_request({.host = "::1"}, 80, "/").find("Host: [::1]:80\r\n"), std::string::npos);
}

TEST(NetProbeTest, FollowsARedirectionOnTheSameServerOnly) {
    spec::HttpProbe probe;
    probe.host = "localhost";
    const auto after = [&](const std::string& location) {
        return path_after_redirect(probe, 5000, "/a/b?c", location);
    };
    EXPECT_EQ(after("/new?x"), "/new?x");
    EXPECT_EQ(after("http://localhost:5000/new"), "/new");
    EXPECT_EQ(after("http://localhost:5000"), "/");
    EXPECT_EQ(after("next"), "/a/next");
    EXPECT_EQ(after("http://localhost:5001/new"), "");
    EXPECT_EQ(after("https://localhost:5000/new"), "");
    EXPECT_EQ(after("//elsewhere/new"), "");
    EXPECT_EQ(after(""), "");
    EXPECT_EQ(after("/a b\r\nX: y"), "");
}

}  // namespace
}  // namespace reeve::drivers
