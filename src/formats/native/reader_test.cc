#include "formats/native/reader.h"

#include <signal.h>
#include <sys/resource.h>

#include <gtest/gtest.h>

namespace reeve::formats::native {
namespace {

Reading<spec::App> read(std::string text) {
    AppTexts texts;
    texts.path = "/srv/shop/reeve.toml";
    texts.directory = "/srv/shop";
    texts.text = std::move(text);
    return read_app(texts);
}

spec::Service service(const std::string& lines) {
    const Reading<spec::App> reading = read("[services.web]\ncommand = \"bin/web\"\n" + lines);
    for (const Diagnostic& diagnostic : reading.diagnostics)
        ADD_FAILURE() << to_text(diagnostic, Colour::No);
    return reading.value.services.empty() ? spec::Service{} : reading.value.services.at(0);
}

std::string complaints(const std::string& text) {
    std::string all;
    for (const Diagnostic& diagnostic : read(text).diagnostics)
        all += to_text(diagnostic, Colour::No);
    return all;
}

TEST(NativeReaderTest, WhatIsLeftOutComesFromThePlaceOfTheFile) {
    const Reading<spec::App> reading = read("[services.web]\ncommand = \"bin/web\"\n");
    ASSERT_TRUE(reading.ok());
    EXPECT_EQ(reading.value.name, "shop");
    EXPECT_EQ(reading.value.directory, "/srv/shop");
    EXPECT_EQ(reading.value.services.at(0).working_dir, "/srv/shop");
}

TEST(NativeReaderTest, RelativeDirectoriesStartAtTheFile) {
    const Reading<spec::App> reading =
        read("directory = \"code\"\n[services.web]\ncommand = \"x\"\nworking_dir = \"www\"\n");
    ASSERT_TRUE(reading.ok());
    EXPECT_EQ(reading.value.directory, "/srv/shop/code");
    EXPECT_EQ(reading.value.services.at(0).working_dir, "/srv/shop/code/www");
}

TEST(NativeReaderTest, ChildrenThatNobodyWouldWatchAreRefused) {
    const std::string web =
        "[services.web]\ncommand = \"x\"\n[services.web.monitor_children]\nchecks = []\n";
    EXPECT_NE(
        complaints(web).find("monitor_children is carried out by the service \"ruby checks\""),
        std::string::npos);
    EXPECT_NE(complaints(web).find("write it in a pill; `reeve convert x.pill --to native`"),
              std::string::npos);
    EXPECT_EQ(complaints(web + "[services.\"ruby checks\"]\ncommand = \"ruby host.rb\"\n"), "");
}

TEST(NativeReaderTest, ACommandIsATextAListOrATable) {
    EXPECT_EQ(service("pre_stop = \"a b\"").hooks.pre_stop->command,
              spec::Command(spec::DirectCommand{{"a", "b"}}));
    EXPECT_EQ(service("pre_stop = [\"a b\", \"$c\"]").hooks.pre_stop->command,
              spec::Command(spec::DirectCommand{{"a b", "$c"}}));
    EXPECT_EQ(service("pre_stop = \"a | b\"").hooks.pre_stop->command,
              spec::Command(spec::ShellCommand{"a | b"}));
    EXPECT_EQ(
        service("pre_stop = { text = \"a\", shell = \"sh-errexit\" }").hooks.pre_stop->command,
        spec::Command(spec::ShellCommand{"a", spec::Shell::ShErrexit}));
}

TEST(NativeReaderTest, KindsAreWordsOrTables) {
    EXPECT_EQ(service("restart = \"on-failure:3\"").restart,
              *spec::restart_from_text("on-failure:3"));
    spec::AutoRestart rule;
    rule.cap_unstable = 5min;
    EXPECT_EQ(service("restart = { kind = \"auto\", cap_unstable = \"5m\" }").restart,
              spec::RestartSpec(rule));
    EXPECT_EQ(service("port = true\nready = \"port\"").readiness,
              spec::ReadinessSpec(spec::ReadyOnPort{}));
    EXPECT_EQ(service("ready = { kind = \"uptime\", uptime = \"3s\" }").readiness,
              spec::ReadinessSpec(spec::ReadyAfter{3s}));
}

TEST(NativeReaderTest, StopIsAStepAListOfStepsOrATable) {
    EXPECT_EQ(service("stop = \"INT 3s\"").stop.steps, (std::vector<spec::StopStep>{{SIGINT, 3s}}));
    EXPECT_EQ(service("stop = [\"INT 3s\", \"SIGTERM\"]").stop.steps,
              (std::vector<spec::StopStep>{{SIGINT, 3s}, {SIGTERM, 10s}}));
    const spec::StopSpec stop =
        service("stop = { steps = [{ signal = \"HUP\", wait = \"1s\" }], scope = \"main\" }").stop;
    EXPECT_EQ(stop.steps, (std::vector<spec::StopStep>{{SIGHUP, 1s}}));
    EXPECT_EQ(stop.scope, spec::SignalScope::Main);
}

TEST(NativeReaderTest, ANeedIsANameOrATable) {
    EXPECT_EQ(service("needs = [\"other/db\", \"other/\", { app = \"base\" }]").needs,
              (std::vector<spec::Need>{{"other", "db"}, {"other", ""}, {"base", ""}}));
    EXPECT_EQ(service("needs = [\"db\"]\n[services.db]\ncommand = \"db\"").needs,
              (std::vector<spec::Need>{{"", "db"}}));
    EXPECT_NE(complaints("[services.web]\ncommand = \"a\"\nneeds = [\"/\"]").find("all of an app"),
              std::string::npos);
}

TEST(NativeReaderTest, NumbersThatPeopleWriteDifferently) {
    EXPECT_EQ(service("umask = \"0027\"").umask, 027U);
    const auto limits = service("limits = { nofile = [1024, 4096], core = \"unlimited\" }").limits;
    ASSERT_EQ(limits.size(), 2U);
    EXPECT_EQ(limits[0], (spec::ResourceLimit{RLIMIT_NOFILE, 1024, 4096}));
    EXPECT_EQ(limits[1], (spec::ResourceLimit{RLIMIT_CORE, UINT64_MAX, UINT64_MAX}));
    EXPECT_EQ(service("environment = { A = 1, B = true, C = \"x\" }").environment,
              (spec::Environment{{"A", "1"}, {"B", "true"}, {"C", "x"}}));
}

TEST(NativeReaderTest, ShareOfTheCpuIsAPercentage) {
    EXPECT_EQ(service("resources = { cpu_max = \"150.5%\" }").group_limits.cpu_percent_hundredths,
              15'050U);
    for (const char* value : {"2", "\"2\"", "1.5", "\"two\""}) {
        const std::string said = complaints(
            "[services.a]\ncommand = \"a\"\nresources = { cpu_max = " + std::string(value) +
            " }\n");
        EXPECT_NE(said.find(":3:25: error: `cpu_max`: a percentage in quotes is needed"),
                  std::string::npos)
            << said;
        EXPECT_NE(said.find("write it like \"150%\": 100% is one CPU"), std::string::npos) << said;
    }
}

TEST(NativeReaderTest, DockerAloneIsNoPolicy) {
    const std::string said = complaints("[services.a]\ncommand = \"a\"\nrestart = \"docker\"\n");
    EXPECT_NE(said.find(":3:11: error: `restart`: Docker has more than one policy"),
              std::string::npos)
        << said;
    EXPECT_NE(said.find(R"(write "always", "unless-stopped", "on-failure:10" or "no")"),
              std::string::npos)
        << said;
}

TEST(NativeReaderTest, OwnSettingsAreToldFromAnApp) {
    EXPECT_TRUE(is_configuration("[[allow]]\nrole = \"view\"\nusers = [\"ann\"]\n"));
    EXPECT_TRUE(is_configuration("bluepill_pid_files = true\n"));
    EXPECT_FALSE(is_configuration("[services.web]\ncommand = \"bin/web\"\n"));
    EXPECT_FALSE(is_configuration("[[allow]\n"));
    EXPECT_FALSE(is_configuration(""));
}

TEST(NativeReaderTest, AKeyIsGuessedByItsBeginning) {
    const std::string said = complaints(
        "[services.a]\ncommand = \"a\"\nresources = { memory = \"1G\", cpu = \"5%\" }\n");
    EXPECT_NE(said.find("did you mean \"memory_max\"?"), std::string::npos) << said;
    EXPECT_NE(said.find("did you mean \"cpu_max\"?"), std::string::npos) << said;
}

TEST(NativeReaderTest, EveryMistakeIsShownWhereItIs) {
    EXPECT_EQ(
        complaints("[services.web]\n"
                   "comand = \"bin/web\"\n"
                   "instances = \"three\"\n"
                   "stop = \"TREM 10s\"\n"),
        "/srv/shop/reeve.toml:1:1: error: `command` is missing\n"
        "    [services.web]\n"
        "    ^\n"
        "/srv/shop/reeve.toml:2:1: error: there is no key `comand` here\n"
        "    comand = \"bin/web\"\n"
        "    ^\n"
        "    hint: did you mean \"command\"?\n"
        "/srv/shop/reeve.toml:3:13: error: `instances`: a whole number is needed, not a text\n"
        "    instances = \"three\"\n"
        "                ^\n"
        "/srv/shop/reeve.toml:4:8: error: `stop`: this is no step\n"
        "    stop = \"TREM 10s\"\n"
        "           ^\n"
        "    hint: write the signal and how long to wait: \"TERM 10s\"\n");
}

TEST(NativeReaderTest, WhatTheEngineRefusesIsShownAtItsService) {
    const std::string said =
        complaints("[services.a]\ncommand = \"a\"\n[services.b]\ncommand = \"b\"\nnice = 99\n");
    EXPECT_NE(said.find("reeve.toml:3:"), std::string::npos) << said;
    EXPECT_NE(said.find("nice must be between"), std::string::npos) << said;
}

TEST(NativeReaderTest, KindsAndWordsAreGuessed) {
    EXPECT_NE(complaints("[services.a]\ncommand = \"a\"\nrestart = \"alwys\"\n").find("hint: "),
              std::string::npos);
    EXPECT_NE(complaints("[services.a]\ncommand = \"a\"\nrollout = { order = \"start-frist\" }\n")
                  .find("did you mean \"start-first\"?"),
              std::string::npos);
    EXPECT_NE(complaints("[services.a]\ncommand = \"a\"\nspawn_timeout = 5\n").find("its unit"),
              std::string::npos);
}

}  // namespace
}  // namespace reeve::formats::native
