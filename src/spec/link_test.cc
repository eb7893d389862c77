#include "spec/link.h"

#include <gtest/gtest.h>

namespace reeve::spec {
namespace {

TEST(LinkTest, ReadsEveryKind) {
    EXPECT_EQ(parse_link("db").value(), (Link{LinkKind::App, "db", "", 0}));
    EXPECT_EQ(parse_link("cache/redis").value(), (Link{LinkKind::App, "cache", "redis", 0}));
    EXPECT_EQ(parse_link("systemd:postgresql@15-main.service").value(),
              (Link{LinkKind::Unit, "postgresql@15-main.service", "", 0}));
    EXPECT_EQ(parse_link("tcp:db.example.org:5432").value(),
              (Link{LinkKind::Address, "db.example.org", "", 5432}));
    EXPECT_EQ(parse_link("tcp:::1:5432").value(), (Link{LinkKind::Address, "::1", "", 5432}));
}

TEST(LinkTest, RefusesWhatCouldNotStandInACommand) {
    for (const char* text :
         {"", "a b", "systemd:", "systemd:-H", "systemd:a;b", "tcp:host", "tcp:5432", "tcp::5432",
          "tcp:host:0", "tcp:host:65536", "tcp:ho'st:1", "app/", "/service"}) {
        const auto link = parse_link(text);
        ASSERT_FALSE(link.ok()) << text;
        EXPECT_NE(link.error().message.find("Invalid link: "), std::string::npos);
    }
}

}  // namespace
}  // namespace reeve::spec
