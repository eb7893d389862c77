#include "formats/pill/pill_reader.h"

#include <signal.h>

#include <gtest/gtest.h>

namespace reeve::formats::pill {
namespace {

/// An evaluated pill with one application, its processes as given.
std::string document(const std::string& processes) {
    return R"({"reeve_pill":1,"file":"/srv/x.pill","directory":"/srv","umask":18,)"
           R"("applications":[{"name":"demo","base_dir":"/run/bp","foreground":false,)"
           R"("environment":{"HOME":"/home/op","PATH":"/bin","PORT":"3000"},"processes":[)" +
           processes + "]}]}";
}

std::string process(const std::string& attributes, const std::string& checks,
                    const std::string& more) {
    return R"({"name":"web","where":3,"group":null,"places":{"deamonize":5},"attributes":{)"
           R"("pid_file":"/run/web.pid","start_command":"bin/web")" +
           attributes + R"(},"checks":[)" + checks + "]" + more + "}";
}

Reading<std::vector<PillApp>> read(const std::string& json) {
    return read_pill({"x.pill", json, "root", "/usr/lib/reeve/ruby", "/run/reeve/reeve.sock"});
}

/// The service of a pill with one process that is good.
spec::Service lowered(const std::string& attributes) {
    const auto reading = read(document(process(attributes, "", "")));
    EXPECT_TRUE(reading.ok());
    if (!reading.ok() || reading.value.empty()) return {};
    EXPECT_TRUE(spec::validate(reading.value[0].app).ok());
    return reading.value[0].app.services.at(0);
}

spec::Service with_check(const std::string& check) {
    const auto reading = read(document(process("", check, "")));
    EXPECT_TRUE(reading.ok());
    return reading.value.at(0).app.services.at(0);
}

std::string first_message(const std::string& json) {
    const auto reading = read(json);
    return reading.diagnostics.empty() ? "" : reading.diagnostics.front().message;
}

TEST(PillReaderTest, DefaultsAreThoseOfBluepill) {
    const spec::Service web = lowered("");
    EXPECT_EQ(web.name, "web");
    EXPECT_EQ(web.working_dir, "/");
    EXPECT_FALSE(web.sets_pwd);
    EXPECT_EQ(web.credentials.user, "root");
    EXPECT_TRUE(web.ignores_hangup);
    EXPECT_TRUE(web.auto_start);
    EXPECT_EQ(web.umask, 022U);
    EXPECT_EQ(web.environment_base, spec::EnvironmentBase::Home);
    EXPECT_EQ(web.environment.at("HOME"), "/home/op");
    EXPECT_EQ(web.on_remove, spec::OnRemove::Release);
    EXPECT_EQ(web.on_change, spec::OnChange::NextStart);
    const auto& tracking = std::get<spec::TrackPidFile>(web.tracking);
    EXPECT_EQ(tracking.path, "/run/web.pid");
    EXPECT_EQ(tracking.writer, spec::PidFileWriter::Program);
    EXPECT_FALSE(tracking.look_again);
    EXPECT_EQ(tracking.start_grace, Duration(3s));
    EXPECT_EQ(web.stop.steps, (std::vector<spec::StopStep>{{SIGTERM, 10s}}));
    EXPECT_EQ(web.stop.scope, spec::SignalScope::Main);
}

TEST(PillReaderTest, TheEnvironmentIsTheLoadersWithBluepillsOwn) {
    const auto reading = read(document(process("", "", "")));
    const spec::App& app = reading.value.at(0).app;
    EXPECT_EQ(app.environment.at("BLUEPILL_BASE_DIR"), "/run/bp");
    EXPECT_EQ(app.environment.at("PORT"), "3000");
    EXPECT_FALSE(app.environment.contains("HOME")) << "it is that of each process's user";
    EXPECT_TRUE(app.formation_fixed);
    EXPECT_EQ(app.format, spec::Format::Bluepill);
}

TEST(PillReaderTest, ADaemonisedProcessIsReevesToWrite) {
    const spec::Service web = lowered(
        R"(,"daemonize":true,"uid":"deploy","gid":"www","working_dir":"app","stdout":"log/x.log")");
    EXPECT_EQ(std::get<spec::TrackPidFile>(web.tracking).writer, spec::PidFileWriter::Reeve);
    EXPECT_EQ(web.readiness, spec::ReadinessSpec(spec::ReadyAfter{3s}));
    EXPECT_EQ(web.credentials.user, "deploy");
    EXPECT_EQ(web.credentials.group, "www");
    EXPECT_FALSE(web.environment.contains("HOME"));
    EXPECT_EQ(web.working_dir, "/srv/app");
    EXPECT_TRUE(web.sets_pwd);
    EXPECT_EQ(web.stdio.output, spec::OutputFile(spec::PathFile{"log/x.log"}));
    EXPECT_EQ(web.stdio.error, spec::OutputFile(spec::NullFile{}));
}

TEST(PillReaderTest, StopSignalsAreALadderToTheMainProcess) {
    const spec::Service web =
        lowered(R"(,"stop_signals":["quit",30,"term",5,"kill"],"stop_grace_time":50)");
    EXPECT_EQ(web.stop.steps,
              (std::vector<spec::StopStep>{{SIGQUIT, 30s}, {SIGTERM, 5s}, {SIGKILL, 15s}}));
}

TEST(PillReaderTest, AStopCommandHasTheGraceForItsEffect) {
    const spec::Service web =
        lowered(R"(,"stop_command":"kill -QUIT {{PID}}","stop_grace_time":7)");
    ASSERT_TRUE(web.stop.command);
    EXPECT_EQ(*web.stop.command, spec::Command(spec::DirectCommand{{"kill", "-QUIT", "{{PID}}"}}));
    EXPECT_EQ(web.stop.command_timeout, Duration(7s));
}

TEST(PillReaderTest, ChecksKeepTheirLimits) {
    const spec::Service web =
        with_check(R"({"name":"mem_usage","kind":"condition","where":4,"options":)"
                   R"({"every":10,"below":104857600,"times":[3,5],"include_children":true}})");
    ASSERT_EQ(web.checks.size(), 1U);
    const spec::Check& check = web.checks[0];
    EXPECT_EQ(check.probe, spec::Probe(spec::MemoryProbe{104857600, spec::Measured::Descendants}));
    EXPECT_EQ(check.every, Duration(10s));
    EXPECT_EQ(check.times, (spec::CheckTimes{3, 5}));
    EXPECT_EQ(check.steps, (std::vector<spec::CheckStep>{{spec::CheckRestart{}}}));
}

TEST(PillReaderTest, ANumberTellsChecksOfOneKindApart) {
    const spec::Service web = with_check(
        R"({"name":"mem_usage","options":{"every":10,"below":1000}},)"
        R"({"name":"mem_usage_2","options":{"every":60,"below":500,"fires":"unmonitor"}})");
    ASSERT_EQ(web.checks.size(), 2U);
    EXPECT_EQ(web.checks[1].name, "mem_usage_2");
    EXPECT_EQ(web.checks[1].probe, spec::Probe(spec::MemoryProbe{500, spec::Measured::Process}));
}

TEST(PillReaderTest, ACpuCheckMayLookAtTheRecentUseAndGiveTimeFirst) {
    const auto cpu = [](const std::string& more) {
        return with_check(R"({"name":"cpu_usage","options":{"every":10,"below":5)" + more + "}}")
            .checks.at(0);
    };
    EXPECT_EQ(std::get<spec::CpuProbe>(cpu("").probe).measure, spec::CpuMeasure::Lifetime);
    EXPECT_EQ(cpu("").initial_delay, Duration(0s));
    const spec::Check recent = cpu(R"(,"mode":"recent","initial_grace":60)");
    EXPECT_EQ(std::get<spec::CpuProbe>(recent.probe).measure, spec::CpuMeasure::Recent);
    EXPECT_EQ(recent.initial_delay, Duration(60s));
}

TEST(PillReaderTest, AnHttpCheckIsAProbe) {
    const spec::Service web = with_check(
        R"({"name":"http","kind":"condition","options":{"every":5,"timeout":3,"kind":"not_found",)"
        R"("url":"https://example.org:8443/a?b=1#c","pattern":{"regexp":"^ok$","options":5}}})");
    const auto& probe = std::get<spec::HttpProbe>(web.checks.at(0).probe);
    EXPECT_EQ(probe.scheme, spec::HttpScheme::HttpsUnverified);
    EXPECT_EQ(probe.host, "example.org");
    EXPECT_EQ(probe.port, 8443);
    EXPECT_EQ(probe.path, "/a?b=1");
    EXPECT_EQ(probe.expected, (std::vector<spec::HttpStatusRange>{{404, 404}}));
    const auto& body = std::get<spec::BodyMatches>(*probe.body);
    EXPECT_EQ(body.pattern, "(?ms)^ok$");
    EXPECT_TRUE(body.ignore_case);
    EXPECT_EQ(web.checks[0].timeout, Duration(3s));
}

TEST(PillReaderTest, FlappingBelongsToTheRestartRule) {
    const spec::Service web = with_check(
        R"({"name":"flapping","kind":"trigger","options":{"times":2,"within":30,"retry_in":7}})");
    EXPECT_TRUE(web.checks.empty());
    EXPECT_EQ(std::get<spec::BluepillRestart>(web.restart).flapping, (spec::Flapping{2, 30s, 7s}));
}

TEST(PillReaderTest, AProcessComesBackAfterACheckedStop) {
    const std::string stop = R"({"name":"always_true","options":{"every":5,"fires":"stop"}})";
    EXPECT_EQ(with_check(stop).checks.at(0).steps,
              (std::vector<spec::CheckStep>{{spec::CheckRestart{}}}));
}

TEST(PillReaderTest, ChildrenAreLookedAfterByTheHost) {
    const auto reading = read(
        document(process("", "",
                         R"(,"children":{"attributes":{"stop_command":"kill {{PID}}"},"checks":[)"
                         R"({"name":"mem_usage","options":{"every":5,"below":1000}}]})")));
    ASSERT_TRUE(reading.ok());
    const spec::App& app = reading.value.at(0).app;
    EXPECT_TRUE(spec::find_service(app, "web")->monitor_children);
    EXPECT_NE(spec::find_service(app, kHostService), nullptr);
}

TEST(PillReaderTest, ChecksOfThePillsOwnAreRunByAHost) {
    const auto reading = read(document(
        process("", R"({"name":"queue","kind":"custom-condition","options":{"every":5}})", "")));
    ASSERT_TRUE(reading.ok());
    const spec::App& app = reading.value.at(0).app;
    const spec::Service* host = spec::find_service(app, kHostService);
    ASSERT_NE(host, nullptr);
    EXPECT_EQ(spec::to_text(host->command),
              "ruby -r /usr/lib/reeve/ruby/recorder.rb /usr/lib/reeve/ruby/host.rb /srv/x.pill "
              "demo");
    EXPECT_EQ(host->environment.at("REEVE_SOCKET"), "/run/reeve/reeve.sock");
}

TEST(PillReaderTest, AnUnknownAttributeIsAWarningWithWhatWasMeant) {
    const auto reading = read(document(process(R"(,"deamonize":true,"colour":"red")", "", "")));
    EXPECT_TRUE(reading.ok());
    ASSERT_EQ(reading.diagnostics.size(), 2U);
    EXPECT_EQ(reading.diagnostics[0].message, "there is no attribute \"deamonize\"");
    EXPECT_EQ(reading.diagnostics[0].hint, "did you mean daemonize?");
    EXPECT_EQ(reading.diagnostics[0].line, 5U);
    EXPECT_EQ(reading.diagnostics[1].hint, "it is ignored");
}

TEST(PillReaderTest, WhatIsNoEvaluatedPillIsRefused) {
    EXPECT_EQ(first_message("{}"), "this is no evaluated pill");
    EXPECT_EQ(first_message("[]"), "this is no evaluated pill");
    EXPECT_EQ(first_message(R"({"reeve_pill":2})"), "this was written by another version of reeve");
    EXPECT_EQ(first_message(R"({"reeve_pill":1,"applications":{}})"),
              "\"applications\" must be an array");
    EXPECT_EQ(first_message(R"({"reeve_pill":1,"applications":[]})"),
              "the pill describes no application");
    EXPECT_EQ(first_message(R"({"reeve_pill":1,"error":{"message":"no","where":2}})"), "no");
    EXPECT_FALSE(read("nonsense").ok());
}

TEST(PillReaderTest, TellsEvaluatedPillsFromRuby) {
    EXPECT_TRUE(is_evaluated_pill(document("")));
    EXPECT_TRUE(is_evaluated_pill("\n{\n \"reeve_pill\": 1}"));
    EXPECT_FALSE(is_evaluated_pill("Bluepill.application('x') {}"));
    EXPECT_FALSE(is_evaluated_pill("{}"));
}

}  // namespace
}  // namespace reeve::formats::pill
