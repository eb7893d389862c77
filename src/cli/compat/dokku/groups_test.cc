#include "cli/compat/dokku/groups.h"

#include <gtest/gtest.h>

namespace reeve::cli::compat::dokku {
namespace {

TEST(GroupsTest, EveryCommandBelongsToItsGroup) {
    for (const Group* group : all_groups()) {
        for (const DokkuCommand& command : group->commands) {
            const std::string_view word = command.name.substr(0, command.name.find(':'));
            EXPECT_TRUE(word == group->name || !group->bare_word) << command.name;
            EXPECT_EQ(find_dokku_command(command.name), &command) << command.name;
        }
    }
}

TEST(GroupsTest, KnowsWhichWordsAreDokkus) {
    EXPECT_TRUE(is_dokku_word("apps:create"));
    EXPECT_TRUE(is_dokku_word("apps:help"));
    EXPECT_TRUE(is_dokku_word("apps"));
    EXPECT_FALSE(is_dokku_word("status"));
    EXPECT_FALSE(is_dokku_word("nothing:at-all"));
    EXPECT_EQ(find_dokku_command("apps:fly"), nullptr);
}

}  // namespace
}  // namespace reeve::cli::compat::dokku
