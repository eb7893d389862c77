#include "spec/check_spec.h"

#include <gtest/gtest.h>

namespace reeve::spec {
namespace {

TEST(CheckSpecTest, SaysWhatItLooksAt) {
    EXPECT_EQ(to_text(Probe{HttpProbe{}}), "http://127.0.0.1:PORT/");
    EXPECT_EQ(to_text(Probe{HttpProbe{.scheme = HttpScheme::HttpsUnverified,
                                      .host = "shop.example",
                                      .port = 8443,
                                      .path = "/up"}}),
              "https://shop.example:8443/up");
    EXPECT_EQ(to_text(Probe{TcpProbe{"::1", 5432}}), "tcp ::1:5432");
    EXPECT_EQ(to_text(Probe{ExecProbe{DirectCommand{{"pg_isready", "-q"}}}}), "exec pg_isready -q");
    EXPECT_EQ(to_text(Probe{WatchdogProbe{30s}}), "watchdog 30s");
    EXPECT_EQ(to_text(CheckRole::Liveness), "liveness");
}

}  // namespace
}  // namespace reeve::spec
