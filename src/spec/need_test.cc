#include "spec/need.h"

#include <gtest/gtest.h>

namespace reeve::spec {
namespace {

TEST(NeedTest, IsWrittenAsATarget) {
    EXPECT_EQ(to_text(Need{"", "db"}), "db");
    EXPECT_EQ(to_text(Need{"shop", "db"}), "shop/db");
    EXPECT_EQ(to_text(Need{"shop", ""}), "shop");
}

TEST(NeedTest, ACycleIsNamedFromItsFirstMember) {
    EXPECT_EQ(find_cycle({}), "");
    EXPECT_EQ(find_cycle({{"web", {"db", "cache"}}, {"cache", {"db"}}}), "");
    EXPECT_EQ(find_cycle({{"a", {"b"}}, {"b", {"c"}}, {"c", {"b"}}}), "b needs c needs b");
    EXPECT_EQ(find_cycle({{"a", {"a"}}}), "a needs a");
}

TEST(NeedTest, ALongChainNeedsNoDeepStack) {
    NeedGraph graph;
    for (int i = 0; i < 20'000; ++i)
        graph[std::to_string(i)] = {std::to_string(i + 1)};
    EXPECT_EQ(find_cycle(graph), "");
    graph["20000"] = {"19999"};
    EXPECT_EQ(find_cycle(graph), "19999 needs 20000 needs 19999");
}

}  // namespace
}  // namespace reeve::spec
