#include "base/rare.h"

#include <gtest/gtest.h>
#include <string>

namespace reeve {
namespace {

TEST(RareTest, IsEmptyUntilItIsGivenSomething) {
    Rare<std::string> rare;
    EXPECT_FALSE(rare);
    rare = std::string("hook");
    ASSERT_TRUE(rare.has_value());
    EXPECT_EQ(*rare, "hook");
    EXPECT_EQ(rare->size(), 4u);
    rare = std::nullopt;
    EXPECT_FALSE(rare);
    EXPECT_EQ(rare.emplace(3, 'x'), "xxx");
    rare.reset();
    EXPECT_FALSE(rare);
}

TEST(RareTest, CopiesAreDeepAndMovesLeaveNothing) {
    Rare<std::string> first = std::string("a");
    Rare<std::string> copy = first;
    *copy += "b";
    EXPECT_EQ(*first, "a");
    const Rare<std::string> moved = std::move(copy);
    EXPECT_EQ(*moved, "ab");
    EXPECT_FALSE(copy);  // NOLINT(bugprone-use-after-move): that it is empty is promised
    first = moved;
    EXPECT_EQ(*first, "ab");
    first = *&first;
    EXPECT_EQ(*first, "ab");
}

TEST(RareTest, ComparesWhatItHolds) {
    const Rare<std::string> none;
    const Rare<std::string> a = std::string("a");
    EXPECT_EQ(none, Rare<std::string>());
    EXPECT_EQ(a, Rare<std::string>(std::string("a")));
    EXPECT_NE(a, Rare<std::string>(std::string("b")));
    EXPECT_NE(a, none);
    EXPECT_NE(none, a);
}

TEST(RareTest, TakesAPointer) {
    EXPECT_EQ(sizeof(Rare<std::string>), sizeof(void*));
}

}  // namespace
}  // namespace reeve
