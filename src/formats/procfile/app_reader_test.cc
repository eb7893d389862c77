#include "formats/procfile/app_reader.h"

#include <gtest/gtest.h>
#include <string>
#include <variant>

namespace reeve::formats::procfile {
namespace {

AppTexts texts(const std::string& procfile) {
    AppTexts texts;
    texts.directory = "/srv/shop";
    texts.procfile_path = "shop/Procfile";
    texts.procfile = procfile;
    texts.user = "deploy";
    return texts;
}

AppTexts with_json(const std::string& procfile, const std::string& json) {
    AppTexts all = texts(procfile);
    all.app_json = json;
    return all;
}

std::string said(const AppTexts& texts) {
    std::string out;
    for (const Diagnostic& diagnostic : read_app(texts).diagnostics) {
        if (!out.empty()) out += '\n';
        out += diagnostic.file + ":" + std::to_string(diagnostic.line) + " " + diagnostic.message;
    }
    return out;
}

spec::App good(const AppTexts& texts) {
    const Reading<spec::App> reading = read_app(texts);
    EXPECT_TRUE(reading.ok()) << said(texts);
    return reading.value;
}

TEST(AppReaderTest, EveryTypeIsAServiceOfOneInstanceAndReleaseIsNone) {
    const spec::App app = good(texts("web: bin/web\nworker: a && b\nrelease: bin/migrate\n"));
    EXPECT_EQ(app.name, "shop");
    EXPECT_EQ(app.format, spec::Format::Procfile);
    EXPECT_EQ(app.source, "shop/Procfile");
    EXPECT_EQ(app.directory, "/srv/shop");
    EXPECT_FALSE(app.formation_fixed);
    EXPECT_EQ(app.release_command, spec::Command(spec::DirectCommand{{"bin/migrate"}}));
    ASSERT_EQ(app.services.size(), 2U);
    for (const spec::Service& service : app.services) {
        EXPECT_EQ(service.instances, 1U);
        EXPECT_EQ(service.working_dir, "/srv/shop");
        EXPECT_EQ(service.credentials.user, "deploy");
        EXPECT_EQ(service.restart, spec::RestartSpec(spec::AutoRestart{}));
        EXPECT_EQ(service.stop.steps, (std::vector<spec::StopStep>{{SIGTERM, 30s}}));
        EXPECT_EQ(service.stop.scope, spec::SignalScope::All);
    }
    EXPECT_EQ(app.services[1].command, spec::Command(spec::ShellCommand{"a && b"}));
}

TEST(AppReaderTest, WebGetsAPortAndOverlapsItsReplacement) {
    const spec::App app = good(texts("api: run -p $PORT\nweb: run\nworker: run\n"));
    const spec::Service& api = app.services[0];
    const spec::Service& web = app.services[1];
    const spec::Service& worker = app.services[2];
    EXPECT_TRUE(web.wants_port);
    EXPECT_EQ(web.readiness, spec::ReadinessSpec(spec::ReadyOnPort{10s, spec::NotReady::Proceed}));
    EXPECT_EQ(web.rollout.order, spec::ReplaceOrder::StartFirst);
    EXPECT_TRUE(api.wants_port);
    EXPECT_EQ(api.readiness, spec::ReadinessSpec(spec::ReadyOnSpawn{}));
    EXPECT_FALSE(worker.wants_port);
    EXPECT_EQ(worker.rollout.order, spec::ReplaceOrder::StopFirst);
}

TEST(AppReaderTest, TheNameComesFromTheOperatorElseAppJsonElseTheDirectory) {
    AppTexts all = with_json("web: a", R"({"name": "Small Sharp Tool!"})");
    EXPECT_EQ(good(all).name, "Small-Sharp-Tool");
    EXPECT_EQ(said(all), "shop/app.json:1 the app is named \"Small-Sharp-Tool\" here");
    all.name = "given";
    EXPECT_EQ(good(all).name, "given");
    AppTexts plain = texts("web: a");
    plain.directory = "/home/me/My Shop";
    EXPECT_EQ(good(plain).name, "My-Shop");
    plain.directory = "/";
    EXPECT_EQ(said(plain), "shop/Procfile:0 the directory's name does not make a name for the app");
    plain.directory = "/etc/init";
    EXPECT_EQ(said(plain), "shop/Procfile:0 the app name \"init\" is reserved for Upstart's jobs");
    EXPECT_EQ(said(with_json("web: a", R"({"name": "!"})")),
              "shop/app.json:1 the app's name has no letter or digit");
}

TEST(AppReaderTest, AnyQuantityFixesTheWholeFormation) {
    const spec::App app = good(
        with_json("web: a\nworker: b\nclock: c", R"({"formation": {"worker": {"quantity": 3}}})"));
    EXPECT_TRUE(app.formation_fixed);
    EXPECT_EQ(spec::find_service(app, "worker")->instances, 3U);
    EXPECT_EQ(spec::find_service(app, "web")->instances, 0U);
    EXPECT_EQ(spec::find_service(app, "clock")->instances, 0U);
}

TEST(AppReaderTest, AFormationThatForgetsWebIsWarnedOf) {
    EXPECT_EQ(said(with_json("web: a\nworker: b", R"({"formation": {"worker": {"quantity": 3}}})")),
              "shop/app.json:1 Scaling web to 0 as the formation does not name it");
    EXPECT_EQ(said(with_json("web: a", R"({"formation": {"web": {"quantity": 0}}})")), "");
}

TEST(AppReaderTest, MaxParallelAloneLeavesTheFormationToTheOperator) {
    const spec::App app =
        good(with_json("web: a", R"({"formation": {"web": {"max_parallel": 4}}})"));
    EXPECT_FALSE(app.formation_fixed);
    EXPECT_EQ(app.services[0].instances, 1U);
    EXPECT_EQ(app.services[0].rollout.max_unavailable, 4U);
}

TEST(AppReaderTest, TheFormationNamesTypesOfTheProcfile) {
    EXPECT_EQ(said(with_json("clock: a", R"({"formation": {"worker": {"quantity": 1}}})")),
              "shop/app.json:1 Skipping worker as it is missing from the current Procfile");
    EXPECT_EQ(said(with_json("clock: a", R"({"formation": {"worker": {"quantity": 0}}})")), "");
    EXPECT_EQ(said(with_json("release: a", R"({"formation": {"release": {"quantity": 1}}})")),
              "shop/app.json:1 \"release\" cannot be scaled");
    EXPECT_EQ(said(with_json("release: a", R"({"formation": {"release": {"quantity": 0}}})")), "");
}

TEST(AppReaderTest, DotenvWinsOverTheDefaultsOfAppJson) {
    AppTexts all = with_json("web: a", R"({"env": {"A": "json", "B": "json"}})");
    all.dotenv = "A=dotenv\nPORT=1\n";
    const spec::App app = good(all);
    EXPECT_EQ(app.environment.at("A"), "dotenv");
    EXPECT_EQ(app.environment.at("B"), "json");
    EXPECT_EQ(said(all), "shop/.env:2 PORT is not taken from here for services that get a port");
}

TEST(AppReaderTest, RequiredVariablesAreAskedFor) {
    const char* json = R"({"env": {"A": {}, "B": {"required": false}}})";
    EXPECT_EQ(said(with_json("web: a", json)),
              "shop/app.json:1 required env var A has no value, no default, and no TTY for prompt");
    AppTexts all = with_json("web: a", json);
    all.dotenv = "A=";
    EXPECT_FALSE(good(all).environment.contains("B"));
}

TEST(AppReaderTest, SecretsAreMadeOrAskedForAndNeverReplaced) {
    AppTexts all = with_json("web: a", R"({"env": {"S": {"generator": "secret"}}})");
    EXPECT_EQ(said(all), "shop/app.json:1 the secret S is not set");
    all.make_secret = [] { return std::string("made"); };
    EXPECT_EQ(good(all).environment.at("S"), "made");
    all.dotenv = "S=kept";
    EXPECT_EQ(good(all).environment.at("S"), "kept");
}

TEST(AppReaderTest, EveryErrorOfEveryFileIsReported) {
    AppTexts all = with_json("web\nworker: \n", "{\"name\": 1, \"env\": 2}");
    all.dotenv = "X\n";
    EXPECT_EQ(said(all),
              "shop/Procfile:1 invalid line in procfile, line 1\n"
              "shop/Procfile:2 invalid line in procfile, line 2\n"
              "shop/.env:1 no \"=\" after the variable's name\n"
              "shop/app.json:1 \"name\" must be a string, not a number\n"
              "shop/app.json:1 \"env\" must be an object, not a number");
}

TEST(AppReaderTest, WhatNoProgramCanBeGivenIsRefused) {
    EXPECT_EQ(said(texts(std::string("web: a\0b", 8))),
              "shop/Procfile:1 the command contains a NUL byte");
    EXPECT_EQ(said(texts("web: a\rb")), "shop/Procfile:1 the command contains a carriage return");
    AppTexts all = texts("web: a");
    all.dotenv = "A=" + std::string(200'000, 'x');
    EXPECT_EQ(said(all),
              "shop/Procfile:0 app \"shop\": environment variable \"A\" is longer than 128 KiB");
}

TEST(AppReaderTest, AProcfileWithOnlyAReleaseCommandIsAnAppWithoutServices) {
    EXPECT_TRUE(good(texts("release: a")).services.empty());
}

}  // namespace
}  // namespace reeve::formats::procfile
