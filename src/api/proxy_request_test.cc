#include "api/proxy_request.h"

#include <gtest/gtest.h>

namespace reeve::api {
namespace {

TEST(ProxyRequestTest, AViewIsReadAsItWasWritten) {
    const ProxyView view{true, "/etc/nginx/conf.d/reeve-shop.conf", "server {\n}\n",
                         "line 1: \"x\""};
    const auto read = proxy_view_from_json(to_json(view));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(*read, view);
    EXPECT_FALSE(proxy_view_from_json("[]").ok());
}

TEST(ProxyRequestTest, ActsHaveWords) {
    EXPECT_EQ(proxy_act_from_text("clear"), ProxyAct::Clear);
    EXPECT_EQ(proxy_act_from_text("build"), ProxyAct::Build);
    EXPECT_EQ(proxy_act_from_text("burn"), std::nullopt);
}

}  // namespace
}  // namespace reeve::api
