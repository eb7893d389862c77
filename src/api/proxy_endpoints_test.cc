#include "api/proxy_endpoints.h"

#include <gtest/gtest.h>

namespace reeve::api {
namespace {

class FakeProxyBackend : public ProxyBackend {
public:
    std::string spec_json(const std::string& app) const override {
        return app == "shop" ? "{}\n" : "";
    }
    ProxyView proxy(const std::string& app) const override { return {true, "/" + app, "", ""}; }
    void change_proxy(const std::string&, ProxyAct, OperationAnswer answer) override { answer({}); }
};

HttpRequestHead head(const std::string& path) {
    return parse_request_head("GET " + path + " HTTP/1.1\r\nHost: reeve\r\n\r\n").value();
}

TEST(ProxyEndpointsTest, TheSpecOfNobodyIsNotFound) {
    const FakeProxyBackend backend;
    EXPECT_EQ(answer_spec(backend, head("/v1/spec?app=shop")).status, 200);
    EXPECT_EQ(answer_spec(backend, head("/v1/spec?app=nobody")).status, 404);
}

TEST(ProxyEndpointsTest, TheProxyOfAnAppIsShown) {
    const FakeProxyBackend backend;
    const Response shown = answer_proxy(backend, head("/v1/proxy?app=shop"));
    EXPECT_EQ(proxy_view_from_json(shown.body)->path, "/shop");
    EXPECT_EQ(answer_proxy(backend, head("/v1/proxy")).status, 400);
}

TEST(ProxyEndpointsTest, AChangeNeedsAnAppAndAnAct) {
    EXPECT_EQ(read_proxy_query(head("/v1/proxy?app=shop&act=clear"))->act, ProxyAct::Clear);
    EXPECT_FALSE(read_proxy_query(head("/v1/proxy?app=shop&act=burn")).ok());
    EXPECT_FALSE(read_proxy_query(head("/v1/proxy?act=clear")).ok());
}

}  // namespace
}  // namespace reeve::api
