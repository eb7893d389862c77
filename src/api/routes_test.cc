#include "api/routes.h"

#include <gtest/gtest.h>

namespace reeve::api {
namespace {

HttpRequestHead head_of(const std::string& method, const std::string& path) {
    HttpRequestHead head;
    head.method = method;
    head.path = path;
    return head;
}

TEST(RoutesTest, TellsAWrongMethodFromAWrongPath) {
    EXPECT_EQ((*find_route(head_of("GET", "/v1/status")))->endpoint, Endpoint::Status);
    EXPECT_EQ(find_route(head_of("POST", "/v1/status")).error().code, 405);
    EXPECT_EQ(find_route(head_of("GET", "/v1/statu")).error().code, 404);
    EXPECT_EQ(find_route(head_of("get", "/v1/status")).error().code, 405);
}

TEST(RoutesTest, OnlyWhatChangesNothingMayBeViewed) {
    EXPECT_EQ((*find_route(head_of("GET", "/v1/why")))->access, Access::View);
    EXPECT_EQ((*find_route(head_of("POST", "/v1/operations")))->access, Access::Operate);
    EXPECT_FALSE((*find_route(head_of("POST", "/v1/operations")))->large_body);
    EXPECT_EQ((*find_route(head_of("POST", "/v1/operations/load")))->access, Access::Operate);
    EXPECT_TRUE((*find_route(head_of("POST", "/v1/operations/load")))->large_body);
}

}  // namespace
}  // namespace reeve::api
