#include "formats/native/writer.h"

#include <gtest/gtest.h>

#include "formats/native/reader.h"

namespace reeve::formats::native {
namespace {

spec::App small_app() {
    spec::App app;
    app.name = "shop";
    app.format = spec::Format::Native;
    app.source = "/srv/shop/reeve.toml";
    app.directory = "/srv/shop";
    spec::Service service;
    service.name = "web";
    service.command = spec::DirectCommand{{"bin/web"}};
    service.working_dir = "/srv/shop";
    app.services = {service};
    return app;
}

void expect_read_again(const spec::App& app) {
    const WrittenFiles written = write_app(app);
    EXPECT_EQ(written.problems, std::vector<std::string>{});
    AppTexts texts{app.source, written.files.at(0).text, app.directory, "", ""};
    const Reading<spec::App> reading = read_app(texts);
    for (const Diagnostic& diagnostic : reading.diagnostics)
        ADD_FAILURE() << to_text(diagnostic, Colour::No);
    EXPECT_EQ(to_json(reading.value), to_json(app)) << written.files.at(0).text;
}

TEST(NativeWriterTest, LeavesOutWhatHasItsDefault) {
    EXPECT_EQ(write_app(small_app()).files.at(0).text,
              "name = \"shop\"\n"
              "directory = \"/srv/shop\"\n"
              "\n"
              "[services.web]\n"
              "command = \"bin/web\"\n");
}

TEST(NativeWriterTest, WhatIsWrittenIsWhatIsRead) {
    spec::App app = small_app();
    app.environment = {{"A", "x y"}, {"B C", "\"'''\\ \n\t\x01"}, {"LATIN", "\xe9"}};
    app.release_command = spec::ShellCommand{"set -e\nbin/migrate | tee log\n"};
    app.formation_fixed = true;
    spec::Service& web = app.services[0];
    web.name = "we.b/1 \"x\"";
    web.command = spec::ShellCommand{"plain", spec::Shell::ShErrexit};
    web.working_dir = "";
    web.credentials = {"shop", "www", {"a", "b"}};
    web.umask = 027;
    web.nice = -5;
    web.oom_score_adjust = 300;
    web.limits = {{7, 1024, 4096}, {4, UINT64_MAX, UINT64_MAX}, {0, 5, UINT64_MAX}};
    web.instances = 3;
    web.wants_port = true;
    web.auto_start = false;
    web.needs = {{"other", "db"}, {"other", ""}, {"c/d", "a/b"}, {"other", "\xe9"}};
    web.hooks.pre_start =
        spec::Hook{spec::DirectCommand{{"a b", ""}}, 2min, spec::HookFailure::Ignore};
    web.hooks.post_stop = spec::Hook{spec::ShellCommand{"rm -f $X"}};
    web.readiness = spec::ReadyOnPort{3s, spec::NotReady::Fail};
    web.stop = {{{15, 1500ms}, {35, 0ns}},
                spec::SignalScope::Group,
                spec::DirectCommand{{"bin/stop"}},
                1ns,
                5s};
    web.restart = spec::SystemdRestart{spec::SystemdMode::Always, 1s, 3, 1min, 2, 5min};
    web.rollout = {spec::ReplaceOrder::StartFirst, 2, 3s};
    web.spawn_timeout = 7s;
    expect_read_again(app);
    web.restart = spec::UpstartRestart{true, true, 3, 4s, {0, 1}, {9, 15}};
    web.readiness = spec::ReadyAfter{};
    web.stop.steps.clear();
    expect_read_again(app);
    web.restart = spec::BluepillRestart{1s, 2s, spec::Flapping{3, 4s, 5s}};
    expect_read_again(app);
    web.restart = spec::SupervisordRestart{spec::SupervisordMode::Always, 0s, 3, {}, 1s};
    expect_read_again(app);
    web.restart = spec::NoRestart{};
    expect_read_again(app);
}

TEST(NativeWriterTest, SaysWhatItCannotWrite) {
    spec::App app = small_app();
    app.environment = {{"\xff", "x"}};
    EXPECT_EQ(write_app(app).problems.size(), 1U);
}

}  // namespace
}  // namespace reeve::formats::native
