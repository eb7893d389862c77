#include "os/users.h"

#include <errno.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace reeve::os {
namespace {

TEST(UsersTest, WhoIsInTheFilesIsFoundByNameAndByNumber) {
    const Result<User> by_name = find_user("daemon");
    ASSERT_TRUE(by_name);
    const Result<User> by_number = find_user(std::to_string(by_name->uid));
    ASSERT_TRUE(by_number);
    EXPECT_EQ(by_number->name, "daemon");
    EXPECT_EQ(by_number->home, by_name->home);
    EXPECT_EQ(*find_group("daemon"), *find_group(std::to_string(*find_group("daemon"))));
}

TEST(UsersTest, ANumberThatNobodyHasIsAUserOfItsOwn) {
    const Result<User> found = find_user("43210987");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->uid, 43210987U);
    EXPECT_EQ(found->name, "43210987");
    EXPECT_EQ(*find_group("43210987"), 43210987U);
}

TEST(UsersTest, WhatIsNobodysNumberIsNobody) {
    for (const char* number : {"4294967295", "4294967296", "-1", "99999999999999999999"}) {
        EXPECT_EQ(find_user(number).error().code, ENOENT) << number;
        EXPECT_EQ(find_group(number).error().code, ENOENT) << number;
        EXPECT_FALSE(UserDatabase("/nowhere").find_user(number)) << number;
    }
    EXPECT_EQ(find_user("4294967294")->uid, 4294967294U);
}

TEST(UsersTest, WhoIsNowhereIsSaidToBe) {
    EXPECT_EQ(find_user("nobody-of-that-name").error().message,
              "find user nobody-of-that-name: there is no such user");
    EXPECT_EQ(find_group("no-group-of-that-name").error().message,
              "find group no-group-of-that-name: there is no such group");
    EXPECT_FALSE(find_user("--help"));
    EXPECT_FALSE(find_user(""));
}

TEST(UsersTest, TheFirstOfTheGroupsIsTheOneThatIsAsked) {
    EXPECT_EQ(groups_of("daemon", 4321)->front(), 4321U);
    EXPECT_EQ(groups_of("nobody-of-that-name", 4321).value(), std::vector<gid_t>{4321});
}

TEST(UsersTest, TheUserOfThisProcessIsKnown) {
    EXPECT_EQ(current_user().uid, ::geteuid());
    EXPECT_FALSE(current_user().name.empty());
}

}  // namespace
}  // namespace reeve::os
