#include <gtest/gtest.h>
#include <set>
#include <string>

#include "spec/app.h"
#include "spec/instance_name.h"
#include "spec/target.h"

namespace reeve::spec {
namespace {

TEST(CommandTest, ReadsAsOneLineOfShell) {
    EXPECT_EQ(to_text(DirectCommand{{"bin/web", "-p", "80"}}), "bin/web -p 80");
    EXPECT_EQ(to_text(DirectCommand{{"a b", "it's", "", "$X"}}), "'a b' 'it'\\''s' '' '$X'");
    EXPECT_EQ(to_text(ShellCommand{"a && b\n\tc\x1b"}), "a && b\\n\\tc\\x1b");
}

TEST(RestartTextTest, WordsAreReadAsTheyArePrinted) {
    for (const char* word : {"auto", "no", "always", "unless-stopped", "on-failure", "on-failure:1",
                             "on-failure:10"}) {
        const auto restart = restart_from_text(word);
        ASSERT_TRUE(restart) << word;
        EXPECT_EQ(to_text(*restart), word);
    }
    EXPECT_EQ(to_text(NoRestart{}), "no");
    EXPECT_EQ(to_text(DockerRestart{}), "on-failure:10");
}

TEST(RestartTextTest, OtherSupervisorsAreNamedWithWhatTellsThemApart) {
    const auto shown = [](const char* word) { return to_text(*restart_from_text(word)); };
    EXPECT_EQ(shown("upstart"), "upstart:10/5s");
    EXPECT_EQ(shown("systemd"), "systemd:on-failure");
    EXPECT_EQ(shown("supervisord"), "supervisord:unexpected");
    EXPECT_EQ(shown("bluepill"), "bluepill");
    EXPECT_EQ(to_text(UpstartRestart{.limit = 0}), "upstart:unlimited");
    EXPECT_EQ(to_text(UpstartRestart{.respawn = false}), "upstart:no");
    EXPECT_EQ(to_text(SystemdRestart{.mode = SystemdMode::OnAbort}), "systemd:on-abort");
    EXPECT_EQ(to_text(SupervisordRestart{.mode = SupervisordMode::Never}), "supervisord:never");
}

TEST(RestartTextTest, OtherWordsAreNone) {
    for (const char* word : {"", "Auto", "on-failure:", "on-failure:-1", "on-failure:x",
                             "on-failure:99999999999", "on-failure10", "on-failure:1 "}) {
        EXPECT_FALSE(restart_from_text(word)) << word;
    }
}

TEST(FindServiceTest, FindsByName) {
    App app;
    app.services.resize(2);
    app.services[1].name = "web";
    EXPECT_EQ(find_service(app, "web"), &app.services[1]);
    EXPECT_EQ(find_service(app, "we"), nullptr);
    for (const char* name : {"cron", "a", "worker"}) {
        app.services.emplace_back();
        app.services.back().name = name;
    }
    for (const Service& service : app.services)
        EXPECT_EQ(find_service(app, service.name), &service) << "in any order";
}

TEST(InstanceNameTest, IsShownByIndexOrKey) {
    EXPECT_EQ(to_text(InstanceName{"shop", "web", 2, ""}), "shop/web.2");
    EXPECT_EQ(to_text(InstanceName{"init", "puma", 0, "3"}), "init/puma (3)");
    EXPECT_EQ(instance_text({"init", "ssh", 0, ""}), "ssh");
    EXPECT_EQ(path_component({"shop", "web", 2, ""}), "web.2");
    EXPECT_EQ(path_component({"init", "net/apache", 0, "a b"}), "net%2Fapache+a%20b");
}

TEST(InstanceNameTest, NoTwoInstancesShareAPathComponent) {
    std::set<std::string> seen;
    std::size_t names = 0;
    for (const char* service : {"a", "a.1", "a.1.1", "a+", "a+1", ".", "..", "1", "a%2B"}) {
        for (const std::uint32_t index : {0U, 1U, 11U}) {
            for (const char* key : {"", "1", ".1", "+1", "a", "1+1"}) {
                ++names;
                const std::string component = path_component({"x", service, index, key});
                EXPECT_TRUE(seen.insert(component).second) << component;
                EXPECT_EQ(component.find('/'), std::string::npos);
                EXPECT_NE(component.front(), '.');
            }
        }
    }
    EXPECT_EQ(seen.size(), names);
}

bool means(const char* target, const InstanceName& name) {
    return matches(parse_target(target).value(), name);
}

TEST(TargetTest, IsPrintedAsItWasWritten) {
    for (const char* text : {"shop", "shop/web", "shop/web.2", "*/w*", "init/net/apache"}) {
        EXPECT_EQ(to_text(parse_target(text).value()), text);
    }
}

TEST(TargetTest, RefusesEmptyPartsAndControlCharacters) {
    for (const char* text : {"", "/", "/web", "shop/", "shop/.2", "shop/web.", "a\nb", "a\x7f"}) {
        EXPECT_FALSE(parse_target(text).ok()) << text;
    }
}

TEST(TargetTest, MeansAnAppAServiceOrOneInstance) {
    const InstanceName web2{"shop", "web", 2, ""};
    for (const char* text :
         {"shop", "*", "s*", "shop/web", "shop/web.2", "shop/w?b", "*/web.[12]"}) {
        EXPECT_TRUE(means(text, web2)) << text;
    }
    for (const char* text : {"shop2", "sho", "shop/we", "shop/web.1", "shop/web.22", "?/web"}) {
        EXPECT_FALSE(means(text, web2)) << text;
    }
    EXPECT_TRUE(matches(Target{"", ""}, web2));
}

TEST(TargetTest, ANameWinsOverTheGlobItLooksLike) {
    EXPECT_TRUE(means("shop/we[b]", {"shop", "we[b]", 1, ""}));
    EXPECT_TRUE(means("init/puma (3)", {"init", "puma", 0, "3"}));
    EXPECT_FALSE(means("init/puma (3)", {"init", "puma", 0, "4"}));
}

}  // namespace
}  // namespace reeve::spec
