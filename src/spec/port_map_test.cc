#include "spec/port_map.h"

#include <gtest/gtest.h>

namespace reeve::spec {
namespace {

std::string message_of(const std::vector<std::string>& words) {
    const auto maps = parse_port_maps(words);
    return maps ? "" : maps.error().message;
}

TEST(PortMapTest, IsReadAsDokkuWritesIt) {
    const auto maps = parse_port_maps({"http:8080:3000", "http:80:5000"});
    ASSERT_TRUE(maps.ok());
    EXPECT_EQ((*maps)[0], (PortMap{"http", 8080, 3000}));
    EXPECT_EQ(to_text(*maps), "http:80:5000 http:8080:3000");
}

TEST(PortMapTest, WhatIsNoneIsNamed) {
    EXPECT_EQ(message_of({"http:80"}), "Invalid port map http:80 [len=2]");
    EXPECT_EQ(message_of({"http:x:5000"}), "Invalid port map http:x:5000 [err=x is not a number]");
    EXPECT_EQ(message_of({"http:0:5000"}), "Invalid port map http:0:5000 [hostPort=0]");
    EXPECT_EQ(message_of({"http:80:65536"}),
              "Invalid port map http:80:65536 [containerPort=65536]");
}

TEST(PortMapTest, OtherSchemesAreRefusedWithAReason) {
    EXPECT_NE(message_of({"https:443:5000"}).find("TLS ends in front of reeve"), std::string::npos);
    EXPECT_EQ(message_of({"worker:80:5000"}),
              "Invalid port map worker:80:5000 [scheme=worker]: http is proxied, and only the web "
              "process may be bound to an external port");
}

TEST(PortMapTest, OnePortLeadsToOnePlace) {
    EXPECT_EQ(message_of({"http:80:5000", "http:80:5000"}), "");
    EXPECT_EQ(message_of({"http:80:5000", "http:80:3000"}),
              "The same scheme:host-port is being reused: http:80");
}

TEST(PortMapTest, IsRemovedByItsTextOrByItsPort) {
    const std::vector<PortMap> maps = {{"http", 80, 5000}, {"http", 81, 5000}, {"http", 82, 5000}};
    const auto left = without_ports(maps, {"81", "http:82:5000"});
    ASSERT_TRUE(left.ok());
    EXPECT_EQ(*left, (std::vector<PortMap>{{"http", 80, 5000}}));
    EXPECT_FALSE(without_ports(maps, {"eighty"}).ok());
}

TEST(DomainTest, HostNamesAndWildcardsAreTaken) {
    for (const char* good : {"shop", "shop.example.com", "*.example.com", "127.0.0.1", "a_b.c-d"})
        EXPECT_TRUE(check_domain(good).ok()) << good;
}

TEST(DomainTest, WhatWouldBreakAConfigurationIsRefused) {
    for (const char* bad : {"", "a b", "a;b", "a{", "-a.b", "a..b", "*", "a.*.b", "x\n", "$host"})
        EXPECT_FALSE(check_domain(bad).ok()) << bad;
}

}  // namespace
}  // namespace reeve::spec
