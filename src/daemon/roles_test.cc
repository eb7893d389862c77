#include "daemon/roles.h"

#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <gtest/gtest.h>

#include "base/test_directory.h"

namespace reeve::daemon {
namespace {

using api::Access;

class RolesTest : public testing::Test {
protected:
    std::string path() const { return directory_.path("reeve.toml"); }
    void write(const std::string& text) { directory_.write("reeve.toml", text); }

    static api::Peer user(uid_t uid) {
        api::Peer peer;
        peer.uid = uid;
        peer.gid = uid;
        return peer;
    }

    TestDirectory directory_;
};

constexpr uid_t kAnn = 54321;
constexpr uid_t kBob = 54322;

TEST_F(RolesTest, EveryRoleIncludesThoseBeforeItAndOnlyThose) {
    const char* const names[] = {"view", "operate", "deploy", "admin"};
    const Access all[] = {Access::View, Access::Operate, Access::Deploy, Access::Admin};
    for (std::size_t role = 0; role < 4; ++role) {
        write("[[allow]]\nrole = \"" + std::string(names[role]) + "\"\nusers = [\"54321\"]\n");
        Roles roles(path());
        EXPECT_EQ(roles.problem(), "");
        for (std::size_t access = 0; access < 4; ++access) {
            EXPECT_EQ(roles.permits(user(kAnn), all[access], "shop"), access <= role);
            EXPECT_FALSE(roles.permits(user(kBob), all[access], "shop"));
            EXPECT_TRUE(roles.permits(user(0), all[access], "shop"));
            EXPECT_TRUE(roles.permits(user(::geteuid()), all[access], "shop"));
        }
    }
}

TEST_F(RolesTest, WhoDoesNotExistIsNamedAndTheOthersAreLetIn) {
    write("[[allow]]\nrole = \"view\"\nusers = [\"54321\", \"no-such\"]\ngroups = [\"nowhere\"]\n");
    Roles roles(path());
    EXPECT_EQ(roles.problem(), "");
    EXPECT_TRUE(roles.permits(user(kAnn), Access::View, "shop"));
    EXPECT_EQ(roles.unknown_names(),
              (std::vector<std::string>{
                  path() + " has a rule for the user no-such, which does not exist",
                  path() + " has a rule for the group nowhere, which does not exist"}));
    write("");
    EXPECT_TRUE(roles.unknown_names().empty());
}

TEST_F(RolesTest, AMistakeIsSaidOnOneLineAsSoonAsSomebodyAsks) {
    Roles roles(path());
    EXPECT_EQ(roles.problem(), "");
    write("[[allow]]\nrole = \"operat\"\nusers = [\"54321\"]\n");
    EXPECT_EQ(roles.problem(), path() +
                                   ":2:8: `role`: \"operat\" is not known (did you mean "
                                   "\"operate\"?)");
    write("[[allow]]\nrole = \"view\"\nusers = [\"1\"]\n\n[[allow]]\nrole = \"admin\"\n");
    EXPECT_EQ(roles.problem(), path() +
                                   ":5:1: a rule of `allow` names nobody (give it users or "
                                   "groups)");
}

TEST_F(RolesTest, ARuleReachesItsAppsOnly) {
    write("[[allow]]\nrole = \"operate\"\nusers = [\"54321\"]\napps = [\"shop\", \"blog-*\"]\n");
    Roles roles(path());
    EXPECT_TRUE(roles.permits(user(kAnn), Access::Operate, "shop"));
    EXPECT_TRUE(roles.permits(user(kAnn), Access::Operate, "blog-1"));
    EXPECT_TRUE(roles.permits(user(kAnn), Access::View, ""));
    EXPECT_FALSE(roles.permits(user(kAnn), Access::View, "bank"));
    EXPECT_FALSE(roles.permits(user(kAnn), Access::View, "*"));
}

TEST_F(RolesTest, SupplementaryGroupsCount) {
    write("[[allow]]\nrole = \"view\"\ngroups = [\"777\"]\n");
    Roles roles(path());
    api::Peer peer = user(kAnn);
    EXPECT_FALSE(roles.permits(peer, Access::View, "shop"));
    peer.groups = {1, 777};
    EXPECT_TRUE(roles.permits(peer, Access::View, "shop"));
}

TEST_F(RolesTest, NobodyIsLetInByAFileThatIsWrongOrThatOthersMayWrite) {
    write("[[allow]]\nrole = \"everything\"\nusers = [\"54321\"]\n");
    Roles wrong(path());
    EXPECT_NE(wrong.problem(), "");
    EXPECT_FALSE(wrong.permits(user(kAnn), Access::View, "shop"));
    write("[[allow]]\nrole = \"view\"\nusers = [\"54321\"]\n");
    ASSERT_EQ(::chmod(path().c_str(), 0666), 0);
    Roles open(path());
    EXPECT_NE(open.problem(), "");
    EXPECT_FALSE(open.permits(user(kAnn), Access::View, "shop"));
}

TEST_F(RolesTest, AChangedFileCountsAtOnce) {
    Roles roles(path());
    EXPECT_FALSE(roles.permits(user(kAnn), Access::View, "shop"));
    write("[[allow]]\nrole = \"view\"\nusers = [\"54321\"]\n");
    EXPECT_TRUE(roles.permits(user(kAnn), Access::View, "shop"));
    std::remove(path().c_str());
    EXPECT_FALSE(roles.permits(user(kAnn), Access::View, "shop"));
}

TEST_F(RolesTest, TheRestOfTheFileIsReadAgainAsWell) {
    Roles roles(path());
    EXPECT_FALSE(roles.configuration().bluepill_pid_files);
    write("bluepill_pid_files = true\n");
    EXPECT_TRUE(roles.configuration().bluepill_pid_files);
    write("bluepill_pid_files = true\nno_such_key = 1\n");
    EXPECT_FALSE(roles.configuration().bluepill_pid_files);
}

TEST_F(RolesTest, WhomTheKernelDoesNotNameIsNobody) {
    Roles roles(path());
    EXPECT_FALSE(roles.permits(api::Peer{}, Access::View, ""));
}

}  // namespace
}  // namespace reeve::daemon
