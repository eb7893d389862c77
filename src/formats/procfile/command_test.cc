#include "formats/procfile/command.h"

#include <gtest/gtest.h>
#include <string>
#include <variant>

namespace reeve::formats::procfile {
namespace {

TEST(ProcfileCommandTest, WithoutShellSyntaxItIsExecutedDirectly) {
    for (const char* text : {"npm start", "vendor/bin/heroku-php-nginx -C nginx_app.conf public/",
                             "gunicorn a:b --log-file -", "java -cp a,b=c Main@1", "./run é"}) {
        EXPECT_TRUE(std::holds_alternative<spec::DirectCommand>(to_command(text))) << text;
    }
    EXPECT_EQ(std::get<spec::DirectCommand>(to_command("a  b\tc")).argv,
              (std::vector<std::string>{"a", "b", "c"}));
}

TEST(ProcfileCommandTest, EverythingElseGoesToBashUnchanged) {
    for (const char* text :
         {"a | b",   "a && b", "a; b",  "a > b",   "a < b",  "a $B",    "a `b`",  "a 'b'",
          "a \"b\"", "a \\b",  "a *",   "a ?",     "a [b]",  "a {b,c}", "a ~",    "! a",
          "(a)",     "a #b",   "A=b c", "%1",      "a\rb",   "cd x",    "exec a", "export A",
          "while",   ". x",    ": x",   "[[ a ]]", "time a", "echo a"}) {
        const spec::Command command = to_command(text);
        ASSERT_TRUE(std::holds_alternative<spec::ShellCommand>(command)) << text;
        EXPECT_EQ(std::get<spec::ShellCommand>(command),
                  (spec::ShellCommand{text, spec::Shell::Bash}));
    }
}

TEST(ProcfileCommandTest, APortIsMentionedByItsVariable) {
    for (const char* text :
         {"a $PORT", "a ${PORT}", "a ${PORT:-5000}", "a -p=$PORT/x", "$X$PORT"}) {
        EXPECT_TRUE(mentions_port(text)) << text;
    }
    for (const char* text : {"a PORT", "a $PORTS", "a $PORT_A", "a ${MY_PORT}", "a $", "a $POR"}) {
        EXPECT_FALSE(mentions_port(text)) << text;
    }
}

}  // namespace
}  // namespace reeve::formats::procfile
