#include "drivers/tls.h"

#include <gtest/gtest.h>

namespace reeve::drivers {
namespace {

TEST(TlsTest, IsRefusedWhereTheSystemsLibeventIsAnotherThanOurs) {
    EXPECT_TRUE(check_libevent("2.1.12-stable", "2.1.12-stable").ok());
    EXPECT_EQ(check_libevent("2.1.12-stable", "2.1.13-stable").error().message,
              "TLS is refused: the system's libevent is 2.1.13-stable, the one in reeved "
              "2.1.12-stable: build reeve anew");
    EXPECT_EQ(check_libevent("2.1.12-stable", nullptr).error().message,
              "TLS is refused: the system's libevent is of an unknown version, the one in reeved "
              "2.1.12-stable: build reeve anew");
}

TEST(TlsTest, TakesTheLibeventThatItWasBuiltWith) {
    const Result<Tls>& tls = load_tls();
    ASSERT_TRUE(tls.ok()) << tls.error().message;
    EXPECT_NE(tls->connection, nullptr);
}

}  // namespace
}  // namespace reeve::drivers
