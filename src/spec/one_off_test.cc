#include "spec/one_off.h"

#include <gtest/gtest.h>

namespace reeve::spec {
namespace {

TEST(OneOffTest, IsToldByItsSourceAndNotByItsName) {
    App app;
    app.name = "shop.run.4711";
    EXPECT_FALSE(is_one_off(app));
    app.source = kOneOffSource;
    EXPECT_TRUE(is_one_off(app));
}

}  // namespace
}  // namespace reeve::spec
