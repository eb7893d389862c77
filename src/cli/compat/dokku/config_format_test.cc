#include "cli/compat/dokku/config_format.h"

#include <gtest/gtest.h>

namespace reeve::cli::compat::dokku {
namespace {

TEST(ConfigFormatTest, ReadsPairs) {
    EXPECT_EQ(parse_config_pair("A=b=c", false)->second, "b=c");
    EXPECT_EQ(parse_config_pair("A=aGkK", true)->second, "hi\n");
    EXPECT_EQ(parse_config_pair("A", false).error().message, "Invalid env pair: A");
    EXPECT_EQ(parse_config_pair("1A=b", false).error().message, "Invalid key name: '1A'");
    EXPECT_FALSE(parse_config_pair("A=\xff", false).ok());
    EXPECT_FALSE(parse_config_pair("A=!", true).ok());
}

TEST(ConfigFormatTest, WritesWhatDokkuWrites) {
    const ConfigVars vars = {{"BKEY", "it's"}, {"aKey", "two\nlines"}};
    EXPECT_EQ(*format_config(vars, "exports"),
              "export BKEY='it'\\''s'\nexport aKey='two\nlines'\n");
    EXPECT_EQ(*format_config(vars, "envfile"), "BKEY=\"it's\"\naKey=\"two\\nlines\"\n");
    EXPECT_EQ(*format_config(vars, "shell"), "BKEY='it'\\''s' aKey='two\nlines' ");
    EXPECT_EQ(*format_config(vars, "docker-args-keys"), "--env=BKEY --env=aKey\n");
    EXPECT_EQ(*format_config(vars, "json"), "{\"BKEY\":\"it's\",\"aKey\":\"two\\nlines\"}\n");
    EXPECT_EQ(*format_config({{"A", "1"}}, "json-list"), "[{\"name\":\"A\",\"value\":\"1\"}]\n");
    EXPECT_EQ(*format_config({{"A", "1"}}, "docker-args"), "--env=A='1'\n");
    EXPECT_FALSE(format_config(vars, "toml").has_value());
}

TEST(ConfigFormatTest, KnowsWhatDokkuOnceReadFromVariables) {
    EXPECT_EQ(command_for_variable("DOKKU_CHECKS_DISABLED"), "checks:disable APP");
    EXPECT_EQ(command_for_variable("DOKKU_APP_RESTORE"), "ps:set APP restore");
    EXPECT_EQ(command_for_variable("PORT"), "the port that reeve gives to each process");
    EXPECT_EQ(command_for_variable("DOKKU_APP_TYPE"), "");
    EXPECT_EQ(command_for_variable("DATABASE_URL"), "");
}

TEST(ConfigFormatTest, ShowsColumns) {
    EXPECT_EQ(config_table({{"A", "1"}, {"LONGER", "2"}}, "  "), "  A:       1\n  LONGER:  2\n");
}

}  // namespace
}  // namespace reeve::cli::compat::dokku
