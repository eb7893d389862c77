#include <functional>
#include <gtest/gtest.h>
#include <string>

#include "spec/app.h"
#include "spec/objections.h"
#include "spec/validate_process.h"

namespace reeve::spec {
namespace {

App good_app() {
    App app;
    app.name = "shop";
    app.services.resize(2);
    app.services[0].name = "web";
    app.services[0].command = DirectCommand{{"bin/web"}};
    app.services[1].name = "worker";
    app.services[1].command = ShellCommand{"a && b"};
    return app;
}

// What is said against an otherwise good app after `spoil` changed it.
std::string objection_after(const std::function<void(App&)>& spoil) {
    App app = good_app();
    spoil(app);
    const Result<void> verdict = validate(app);
    return verdict ? "" : verdict.error().message;
}

TEST(ValidateTest, TakesWhatTheEngineCanRun) {
    EXPECT_EQ(objection_after([](App&) {}), "");
}

TEST(ValidateTest, TakesUnusualNames) {
    for (const char* name : {"net/apache", "a::unicorn", "sp ace", "web.1", "..", "wéb", "-"}) {
        EXPECT_EQ(objection_after([name](App& app) { app.services[0].name = name; }), "") << name;
    }
}

TEST(ValidateTest, RefusesNamesThatCannotBeShownOrStored) {
    const auto with_name = [](const std::string& name) {
        return objection_after([&name](App& app) { app.name = name; });
    };
    EXPECT_EQ(with_name(""), "app \"\": the name is empty");
    EXPECT_NE(with_name("a\nb").find("control character"), std::string::npos);
    EXPECT_NE(with_name("a\xC2\x9Bm").find("control character"), std::string::npos);
    EXPECT_NE(with_name("caf\xe9").find("not UTF-8"), std::string::npos);
    EXPECT_NE(with_name("a/b").find("contains a \"/\""), std::string::npos);
    EXPECT_EQ(with_name(std::string(120, 'a')), "");
    EXPECT_NE(with_name(std::string(121, 'a')).find("too long"), std::string::npos);
    EXPECT_NE(with_name(std::string(41, ' ')).find("too long"), std::string::npos);
}

TEST(ValidateTest, KeepsInitForUpstart) {
    EXPECT_NE(objection_after([](App& app) { app.name = "init"; }).find("reserved"),
              std::string::npos);
    EXPECT_EQ(objection_after([](App& app) {
                  app.name = "init";
                  app.format = Format::Upstart;
              }),
              "");
}

TEST(ValidateTest, NamesEveryObjectionWithItsService) {
    EXPECT_EQ(objection_after([](App& app) {
                  app.services[0].command = DirectCommand{};
                  app.services[0].stop.steps = {{99, 1s}, {SIGTERM, -1s}};
                  app.services[1].name = "web";
              }),
              "service \"web\": the command is empty\n"
              "service \"web\": stop signal 99 does not exist\n"
              "service \"web\": the wait after a stop signal must be between 0 and 366 days\n"
              "service \"web\": the name is used twice");
}

TEST(ValidateTest, RefusesWhatTheKernelWouldRefuse) {
    const struct {
        const char* objection;
        std::function<void(Service&)> spoil;
    } kCases[] = {
        {"NUL", [](Service& s) { s.command = ShellCommand{std::string("a\0b", 3)}; }},
        {"NUL", [](Service& s) { s.environment["A"] = std::string(1, '\0'); }},
        {"has a \"=\"", [](Service& s) { s.environment["A=B"] = ""; }},
        {"no name", [](Service& s) { s.environment[""] = "x"; }},
        {"128 KiB", [](Service& s) { s.environment["A"] = std::string(131'070, 'x'); }},
        {"128 KiB", [](Service& s) { s.command = ShellCommand{std::string(131'072, 'x')}; }},
        {"longer than the kernel takes",
         [](Service& s) {
             for (int i = 0; i < 20; ++i)
                 s.environment["A" + std::to_string(i)] = std::string(120'000, 'x');
         }},
        {"not absolute", [](Service& s) { s.working_dir = "srv"; }},
        {"umask", [](Service& s) { s.umask = 01000; }},
        {"nice", [](Service& s) { s.nice = 20; }},
        {"OOM", [](Service& s) { s.oom_score_adjust = -1001; }},
        {"resource limit 16",
         [](Service& s) {
             s.limits = {{16, 0, 0}};
         }},
        {"above the hard one",
         [](Service& s) {
             s.limits = {{1, 2, 1}};
         }},
        {"10000 instances", [](Service& s) { s.instances = kInstancesMax + 1; }},
        {"signal 32",
         [](Service& s) {
             s.stop.steps = {{32, 1s}};
         }},
        {"32 steps",
         [](Service& s) {
             s.stop.steps.assign(33, {SIGTERM, 1s});
         }},
        {"gets no port", [](Service& s) { s.readiness = ReadyOnPort{}; }},
        {"roll-out", [](Service& s) { s.rollout.max_unavailable = 0; }},
        {"jitter", [](Service& s) { s.restart = AutoRestart{.jitter_percent = 101}; }},
        {"exit code 256", [](Service& s) { s.restart = AutoRestart{.no_restart_codes = {256}}; }},
        {"exit code 300", [](Service& s) { s.restart = UpstartRestart{.normal_codes = {300}}; }},
        {"signal 0", [](Service& s) { s.restart = UpstartRestart{.normal_signals = {0}}; }},
        {"time of the restart policy",
         [](Service& s) { s.restart = SystemdRestart{.pause = -1s}; }},
        {"a pause is needed",
         [](Service& s) { s.restart = SupervisordRestart{.start_seconds = 0s}; }},
        {"1000 times", [](Service& s) { s.restart = BluepillRestart{.flapping = Flapping{0}}; }},
        {"pre-stop hook is empty",
         [](Service& s) { s.hooks.pre_stop = Hook{.command = ShellCommand{" "}}; }},
        {"spawn timeout", [](Service& s) { s.spawn_timeout = 0s; }},
        {"366 days", [](Service& s) { s.rollout.drain = std::chrono::hours(24 * 367); }},
    };
    for (const auto& test : kCases) {
        const std::string said =
            objection_after([&test](App& app) { test.spoil(app.services[0]); });
        EXPECT_NE(said.find(test.objection), std::string::npos) << test.objection << "\n" << said;
    }
}

TEST(ValidateTest, AnEndlessListOfObjectionsIsCutShort) {
    const std::string said =
        objection_after([](App& app) { app.services.assign(500, app.services[0]); });
    EXPECT_NE(said.find("… and 399 more"), std::string::npos) << said.substr(said.size() - 99);
}

TEST(ValidateTest, RefusesJobsThatNoEventCouldStart) {
    const auto with_job = [](const std::function<void(JobSpec&)>& spoil) {
        return objection_after([&spoil](App& app) {
            app.services[0].job.emplace();
            app.services[0].job->start_on = EventExpr{{EventMatch{"startup", {}}}};
            spoil(*app.services[0].job);
        });
    };
    EXPECT_EQ(with_job([](JobSpec&) {}), "");
    EXPECT_NE(with_job([](JobSpec& job) {
                  job.start_on->nodes.push_back(EventAnd{});
              }).find("start on has an operator without two operands"),
              std::string::npos);
    EXPECT_NE(with_job([](JobSpec& job) {
                  job.stop_on = EventExpr{{EventMatch{std::string(1, '\0'), {}}}};
              }).find("stop on contains a NUL byte"),
              std::string::npos);
    EXPECT_NE(with_job([](JobSpec& job) { job.exports = {""}; }).find("is empty"),
              std::string::npos);
    EXPECT_NE(with_job([](JobSpec& job) {
                  job.emits.assign(kJobEntriesMax + 1, "x");
              }).find("more than 1,000"),
              std::string::npos);
}

TEST(ValidateTest, NeedsACommandUnlessAJobIsAStateOnly) {
    const auto without_command = [](bool has_main) {
        return objection_after([has_main](App& app) {
            app.services[0].command = DirectCommand{};
            app.services[0].job.emplace();
            app.services[0].job->has_main = has_main;
        });
    };
    EXPECT_EQ(without_command(false), "");
    EXPECT_NE(without_command(true).find("the command is empty"), std::string::npos);
}

TEST(ValidateTest, RefusesTrackingThatFindsNobody) {
    const auto with = [](const TrackingSpec& tracking) {
        return objection_after([&](App& app) { app.services[0].tracking = tracking; });
    };
    EXPECT_EQ(with(TrackForks{}), "");
    EXPECT_EQ(with(TrackStops{}), "");
    TrackPidFile file;
    EXPECT_NE(with(file).find("the pid file has no path"), std::string::npos);
    file.path = "run/web.pid";
    EXPECT_NE(with(file).find("is not absolute"), std::string::npos);
    file.path = "/run/web.pid";
    EXPECT_EQ(with(file), "");
    file.pid_command = DirectCommand{{"pidof", "web"}};
    EXPECT_EQ(with(file), "");
    file.pid_command = DirectCommand{};
    EXPECT_NE(with(file).find("the pid command is empty"), std::string::npos);
    file.pid_command.reset();
    file.start_grace = -1s;
    EXPECT_NE(with(file).find("the start grace time"), std::string::npos);
}

TEST(ValidateTest, RefusesStandardFilesWithoutAPath) {
    const auto with = [](const OutputFile& file) {
        return objection_after([&](App& app) { app.services[0].stdio.output = file; });
    };
    EXPECT_EQ(with(PathFile{"log/web.log"}), "");
    EXPECT_EQ(with(NullFile{}), "");
    EXPECT_NE(with(PathFile{""}).find("empty path"), std::string::npos);
    EXPECT_NE(with(PathFile{std::string(4096, 'a')}).find("4,095"), std::string::npos);
}

TEST(ValidateTest, TakesLongScriptsThatAreReadFromADescriptor) {
    const auto with = [](const ShellCommand& command) {
        return objection_after([&](App& app) { app.services[0].command = command; });
    };
    const std::string long_text = "true" + std::string(200 * 1024, ' ') + "\n";
    EXPECT_NE(with({long_text, Shell::ShErrexit}).find("longer than 128 KiB"), std::string::npos);
    EXPECT_EQ(with({long_text, Shell::ShErrexitFile}), "");
    EXPECT_NE(with({std::string(2 << 20, 'a'), Shell::ShErrexitFile}).find("1 MiB"),
              std::string::npos);
}

TEST(ValidateTest, RefusesCommandsAndSignalsOfARestartThatCannotBe) {
    EXPECT_NE(objection_after([](App& app) {
                  app.services[0].restart_command = RestartCommand{DirectCommand{{""}}};
              }).find("the restart command is empty"),
              std::string::npos);
    EXPECT_NE(objection_after([](App& app) {
                  app.services[0].reload_signal = 99;
              }).find("reload signal 99"),
              std::string::npos);
    EXPECT_NE(objection_after([](App& app) {
                  app.services[0].monitor_children = ChildrenSpec{};
                  app.services[0].monitor_children->stop.steps = {{99, 1s}};
              }).find("stop signal 99"),
              std::string::npos);
}

TEST(ObjectionsTest, NamesTheSubjectOfEach) {
    Objections objections("app \"shop\"");
    EXPECT_TRUE(objections.result());
    objections.require(true, "not said");
    objections.require(false, "is odd");
    objections.set_subject("service \"web\"");
    objections.require_wait(-1s, "the drain time");
    EXPECT_EQ(objections.result().error().message,
              "app \"shop\": is odd\n"
              "service \"web\": the drain time must be between 0 and 366 days");
}

TEST(ObjectionsTest, CountsWhatAShellReadsFromADescriptorNotAsAnArgument) {
    EXPECT_EQ(exec_bytes(ShellCommand{"true", Shell::Sh}), 4U);
    EXPECT_EQ(exec_bytes(ShellCommand{"true", Shell::ShErrexitFile}), 0U);
}

}  // namespace
}  // namespace reeve::spec
