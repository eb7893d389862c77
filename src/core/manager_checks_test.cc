#include <signal.h>

#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

#include "core/instance.h"
#include "core/manager.h"

// Checks and needs, seen from outside: samples go in, starts and stops come out.
namespace reeve::core {
namespace {

spec::Check check_of(spec::CheckRole role) {
    spec::Check check;
    check.name = "health";
    check.probe = spec::TcpProbe{"127.0.0.1", 80};
    check.role = role;
    check.every = 10s;
    check.times = {2, 2};
    return check;
}

spec::Service service_of(const std::string& name) {
    spec::Service service;
    service.name = name;
    service.command = spec::DirectCommand{{"bin/" + name}};
    service.restart = spec::AutoRestart{.jitter_percent = 0};
    return service;
}

/// A manager whose spawns succeed and whose signals are obeyed.
struct Fixture {
    Manager manager{ManagerSettings{.epoch = 7, .seed = 1}};
    TimePoint now{1000s};
    std::vector<SampleCheck> questions;
    std::vector<SignalRun> signals;
    std::vector<status::Transition> transitions;
    std::vector<OperationDone> done;
    std::vector<Refused> refused;
    std::map<RunId, SpawnRun> alive;
    OperationId operations = 0;

    void handle(const Event& event) {
        perform(event);
        while (manager.deadline() && *manager.deadline() <= now)
            perform(TimePassed{});
    }

    void perform(const Event& event) {
        Actions out;
        manager.handle(event, now, out);
        for (const Action& action : out) {
            if (const auto* question = std::get_if<SampleCheck>(&action))
                questions.push_back(*question);
            if (const auto* record = std::get_if<RecordTransition>(&action))
                transitions.push_back(record->transition);
            if (const auto* end = std::get_if<OperationDone>(&action)) done.push_back(*end);
            if (const auto* no = std::get_if<Refused>(&action)) refused.push_back(*no);
        }
        for (const Action& action : out) {
            if (const auto* spawn = std::get_if<SpawnRun>(&action)) {
                alive.emplace(spawn->run, *spawn);
                perform(Spawned{spawn->run, {static_cast<int>(spawn->run & 0xFFFF), 1}});
                perform(Executed{spawn->run});
            } else if (const auto* signal = std::get_if<SignalRun>(&action)) {
                signals.push_back(*signal);
                if (signal->signal == SIGTERM) end(signal->run, status::ExitSignal{SIGTERM, false});
            }
        }
    }

    void end(RunId run, const status::Exit& exit) {
        if (alive.erase(run) > 0) perform(Exited{run, exit, false});
    }

    void command(CommandKind kind) {
        handle(Command{++operations, {status::CauseKind::Operator, 0, "test"}, std::move(kind)});
    }

    void load(const std::string& name, std::vector<spec::Service> services) {
        spec::App app{.name = name, .directory = "/srv/" + name};
        app.services = std::move(services);
        command(LoadApp{std::make_shared<const spec::App>(app)});
    }

    void pass(Duration time) {
        now += time;
        handle(TimePassed{});
    }

    /// Answers the latest question.
    void answer(bool passed, const std::string& text) {
        const SampleCheck question = questions.back();
        handle(Sampled{question.run, question.check, question.number, passed, text});
    }

    status::Instance seen(const std::string& app, const std::string& instance) const {
        status::Instance found;
        manager.visit_instances({{app, instance}},
                                [&](const status::Instance& one) { found = one; });
        return found;
    }
};

TEST(ManagerChecksTest, AQuestionThatWasNotWrittenIsAskedAgainByTheNextDaemon) {
    Fixture fixture;
    spec::Service web = service_of("web");
    web.checks = {check_of(spec::CheckRole::Liveness)};
    fixture.load("shop", {web});
    fixture.answer(true, "fine");
    std::vector<Record> written;
    fixture.manager.all_records(written);
    fixture.now += 11s;
    Actions asked;
    fixture.manager.handle(TimePassed{}, fixture.now, asked);
    EXPECT_TRUE(Manager::only_asked({TimePassed{}}, asked));
    ASSERT_EQ(asked.size(), 1U);
    const auto question = std::get<SampleCheck>(asked.front());

    Actions adopted;
    fixture.manager =
        Manager::restore(ManagerSettings{.epoch = 7, .seed = 1}, written, fixture.now, adopted)
            .value();
    fixture.questions.clear();
    fixture.handle(TimePassed{});
    ASSERT_EQ(fixture.questions.size(), 1U);
    EXPECT_EQ(fixture.questions.front().run, question.run);
    EXPECT_EQ(fixture.questions.front().number, question.number);
    fixture.answer(false, "refused");
    EXPECT_EQ(fixture.seen("shop", "web.1").checks.at(0).samples, "fine, refused*");
    Actions none;
    EXPECT_FALSE(Manager::only_asked({TimePassed{}}, none));
    EXPECT_FALSE(Manager::only_asked({Sampled{}}, asked));
    asked.push_back(KillRun{question.run});
    EXPECT_FALSE(Manager::only_asked({TimePassed{}}, asked));
}

TEST(ManagerChecksTest, ALivenessCheckRestartsOnceItsWindowSaysSoAndNamesItsSamples) {
    Fixture fixture;
    spec::Service web = service_of("web");
    web.checks = {check_of(spec::CheckRole::Liveness)};
    fixture.load("shop", {web});
    ASSERT_EQ(fixture.questions.size(), 1U);
    const int before = fixture.seen("shop", "web.1").pid;
    fixture.answer(false, "refused");
    EXPECT_EQ(fixture.seen("shop", "web.1").checks.at(0).verdict, status::CheckVerdict::Failing);
    fixture.pass(10s);
    ASSERT_EQ(fixture.questions.size(), 2U);
    fixture.transitions.clear();
    fixture.answer(false, "refused");
    ASSERT_FALSE(fixture.transitions.empty());
    EXPECT_EQ(fixture.transitions.front().reason, "check health: refused*, refused*");
    EXPECT_EQ(fixture.transitions.front().cause.kind, status::CauseKind::Check);
    EXPECT_EQ(fixture.transitions.front().cause.text, "web.1 health: refused*, refused*");
    // It had served for ten seconds, so that it starts again at once.
    EXPECT_NE(fixture.seen("shop", "web.1").pid, before);
    EXPECT_EQ(fixture.seen("shop", "web.1").restarts, 1U);
    EXPECT_TRUE(fixture.seen("shop", "web.1").checks.at(0).samples.empty());
}

TEST(ManagerChecksTest, APauseBeforeACheckedRestartCountsAsDownForTheOthers) {
    Fixture fixture;
    spec::Service web = service_of("web");
    web.checks = {check_of(spec::CheckRole::Liveness)};
    web.checks[0].times = {1, 1};
    web.instances = 2;
    fixture.load("shop", {web});
    ASSERT_EQ(fixture.questions.size(), 2U);
    for (const SampleCheck& question : {fixture.questions[0], fixture.questions[1]})
        fixture.handle(Sampled{question.run, question.check, question.number, false, "refused"});
    // The one has lived for too short a time to start again at once.
    const auto state_of = [&](const char* instance) {
        return fixture.seen("shop", instance).state;
    };
    EXPECT_EQ(state_of("web.1"), status::State::Backoff);
    EXPECT_EQ(state_of("web.2"), status::State::Running);
    fixture.pass(100ms);
    EXPECT_EQ(state_of("web.1"), status::State::Running);
    EXPECT_EQ(state_of("web.2"), status::State::Backoff);
    EXPECT_EQ(fixture.signals.size(), 2U);
}

TEST(ManagerChecksTest, TheCommandOfACheckIsThatOfTheProcessThatItLooksAt) {
    Fixture fixture;
    spec::Service web = service_of("web");
    spec::Check check = check_of(spec::CheckRole::Plain);
    check.probe = spec::ExecProbe{spec::DirectCommand{{"bin/check"}}};
    check.initial_delay = 10s;
    web.checks = {check};
    web.instances = 2;
    web.hooks.pre_start = spec::Hook{spec::DirectCommand{{"bin/prepare"}}, 1h};
    fixture.load("shop", {web});
    for (const auto& [run, spawn] : std::map(fixture.alive))
        fixture.end(run, status::ExitCode{0});
    ASSERT_EQ(fixture.seen("shop", "web.2").state, status::State::Running);
    web.command = spec::DirectCommand{{"bin/other"}};
    web.checks.clear();
    fixture.load("shop", {web});
    ASSERT_EQ(fixture.seen("shop", "web.1").state, status::State::Starting);
    // The roll-out has not come to the second one, whose check is due by its old configuration.
    fixture.pass(10s);
    bool checked = false;
    for (const auto& [run, spawn] : fixture.alive) {
        checked = checked || (spawn.role == RunRole::Check && spawn.instance.index == 2 &&
                              spawn.command == spec::Command(spec::DirectCommand{{"bin/check"}}));
    }
    EXPECT_TRUE(checked);
}

TEST(ManagerChecksTest, NoAnswerInTimeIsAFailureAndALateOneIsNone) {
    Fixture fixture;
    spec::Service web = service_of("web");
    web.checks = {check_of(spec::CheckRole::Plain)};
    fixture.load("shop", {web});
    const SampleCheck hung = fixture.questions.back();
    fixture.pass(5s + kAnswerGrace);
    EXPECT_EQ(fixture.seen("shop", "web.1").checks.at(0).samples, "no answer within 5s*");
    fixture.handle(Sampled{hung.run, hung.check, hung.number, true, "late"});
    EXPECT_EQ(fixture.seen("shop", "web.1").checks.at(0).samples, "no answer within 5s*");
}

TEST(ManagerChecksTest, AReadinessCheckTakesTrafficAwayAndRestartsNothing) {
    Fixture fixture;
    spec::Service web = service_of("web");
    web.checks = {check_of(spec::CheckRole::Readiness)};
    web.checks[0].times = {1, 1};
    fixture.load("shop", {web});
    EXPECT_TRUE(fixture.seen("shop", "web.1").ready);
    fixture.answer(false, "503");
    EXPECT_FALSE(fixture.seen("shop", "web.1").ready);
    EXPECT_EQ(fixture.seen("shop", "web.1").state, status::State::Running);
    fixture.pass(10s);
    fixture.answer(true, "200");
    EXPECT_TRUE(fixture.seen("shop", "web.1").ready);
    EXPECT_EQ(fixture.seen("shop", "web.1").restarts, 0U);
}

TEST(ManagerChecksTest, AStartThatItsCheckDoesNotPassHasFailedWithTheAnswer) {
    Fixture fixture;
    spec::Service web = service_of("web");
    web.checks = {check_of(spec::CheckRole::Startup)};
    fixture.load("shop", {web});
    EXPECT_EQ(fixture.seen("shop", "web.1").state, status::State::Starting);
    fixture.answer(false, "503 Busy");
    fixture.pass(10s);
    fixture.answer(false, "503 Busy");
    const status::Instance seen = fixture.seen("shop", "web.1");
    EXPECT_EQ(seen.state, status::State::Backoff);
    EXPECT_EQ(seen.reason.rfind("startup check health failed: 503 Busy", 0), 0U) << seen.reason;
}

TEST(ManagerNeedsTest, AnAppIsAsReadyAsThoseOfItsServicesThatAreWanted) {
    Fixture fixture;
    spec::Service slow = service_of("slow");
    slow.readiness = spec::ReadyAfter{1h};
    fixture.load("base", {service_of("db"), slow});
    spec::Service web = service_of("web");
    web.needs = {{"base", ""}};
    fixture.load("shop", {web});
    EXPECT_EQ(fixture.seen("shop", "web.1").state, status::State::Waiting);
    // Left alone while it starts: nothing about it changes but what is wanted of it.
    fixture.command(Unmonitor{{{"base", "slow"}}});
    EXPECT_EQ(fixture.seen("base", "slow.1").state, status::State::Starting);
    EXPECT_EQ(fixture.seen("shop", "web.1").state, status::State::Running);
}

TEST(ManagerNeedsTest, WhatIsReadyAgainWithoutAStartIsTold) {
    Fixture fixture;
    spec::Service db = service_of("db");
    db.checks = {check_of(spec::CheckRole::Readiness)};
    db.checks[0].times = {1, 1};
    fixture.load("base", {db});
    fixture.answer(false, "busy");
    spec::Service web = service_of("web");
    web.needs = {{"base", "db"}};
    fixture.load("shop", {web});
    EXPECT_EQ(fixture.seen("shop", "web.1").state, status::State::Waiting);
    fixture.pass(10s);
    fixture.answer(true, "free");
    EXPECT_EQ(fixture.seen("base", "db.1").restarts, 0U);
    EXPECT_EQ(fixture.seen("shop", "web.1").state, status::State::Running);
}

TEST(ManagerNeedsTest, ANeedThatIsTakenOutIsWaitedForNoLonger) {
    Fixture fixture;
    spec::Service db = service_of("db");
    db.readiness = spec::ReadyAfter{1h};
    spec::Service web = service_of("web");
    web.needs = {{"", "db"}};
    fixture.load("shop", {db, web});
    EXPECT_EQ(fixture.seen("shop", "web.1").state, status::State::Waiting);
    web.needs.clear();
    fixture.load("shop", {db, web});
    EXPECT_EQ(fixture.seen("shop", "web.1").state, status::State::Running);
}

TEST(ManagerChecksTest, StepsComeInTheirTurnOfFirings) {
    Fixture fixture;
    spec::Service web = service_of("web");
    web.checks = {check_of(spec::CheckRole::Plain)};
    web.checks[0].times = {1, 1};
    web.checks[0].steps = {{spec::CheckSignal{SIGUSR1}, 2}, {spec::CheckRestart{}, 3}};
    fixture.load("shop", {web});
    fixture.answer(false, "1");
    EXPECT_TRUE(fixture.signals.empty());
    fixture.pass(10s);
    fixture.answer(false, "2");
    ASSERT_EQ(fixture.signals.size(), 1U);
    EXPECT_EQ(fixture.signals[0].signal, SIGUSR1);
    EXPECT_EQ(fixture.seen("shop", "web.1").restarts, 0U);
    fixture.pass(10s);
    fixture.answer(false, "3");
    fixture.pass(1s);
    EXPECT_EQ(fixture.seen("shop", "web.1").restarts, 1U);
}

TEST(ManagerChecksTest, WhenAllFailAtOnceOneGoesDownAndTheCauseIsCommon) {
    Fixture fixture;
    spec::Service web = service_of("web");
    web.instances = 2;
    web.readiness = spec::ReadyAfter{20s};
    web.checks = {check_of(spec::CheckRole::Liveness)};
    web.checks[0].times = {1, 1};
    fixture.load("shop", {web});
    fixture.pass(20s);
    ASSERT_EQ(fixture.questions.size(), 2U);
    const std::vector<SampleCheck> both = fixture.questions;
    for (const SampleCheck& question : both)
        fixture.handle(Sampled{question.run, question.check, question.number, false, "dead"});
    int running = 0;
    for (const char* name : {"web.1", "web.2"})
        running += fixture.seen("shop", name).state == status::State::Running ? 1 : 0;
    EXPECT_EQ(running, 1);
    fixture.pass(21s);
    bool told = false;
    for (const status::Transition& transition : fixture.transitions) {
        told = told ||
               transition.reason.find("common cause: all 2 instances fail") != std::string::npos;
    }
    EXPECT_TRUE(told);
}

TEST(ManagerChecksTest, AServiceStartsWhenWhatItNeedsIsReadyAndIsWokenWhenThatComesBack) {
    Fixture fixture;
    spec::Service db = service_of("db");
    db.readiness = spec::ReadyAfter{5s};
    spec::Service api = service_of("api");
    api.needs = {{"", "db"}};
    fixture.load("shop", {api, db});
    EXPECT_EQ(fixture.seen("shop", "api.1").state, status::State::Waiting);
    EXPECT_EQ(fixture.seen("shop", "api.1").reason, "needs db, which is starting");
    fixture.pass(5s);
    EXPECT_EQ(fixture.seen("shop", "api.1").state, status::State::Running);
    EXPECT_EQ(fixture.done.size(), 1U);
    EXPECT_TRUE(fixture.done[0].ok);

    // The need goes, and takes the one that needs it along.
    RunId db_run = 0;
    RunId api_run = 0;
    for (const auto& [run, spawn] : fixture.alive)
        (spawn.instance.service == "db" ? db_run : api_run) = run;
    fixture.command(Stop{{{"shop", "db"}}});
    fixture.end(api_run, status::ExitCode{1});
    fixture.pass(100ms);
    EXPECT_EQ(fixture.seen("shop", "api.1").state, status::State::Waiting);
    fixture.command(Start{{{"shop", "db"}}});
    fixture.pass(5s);
    EXPECT_EQ(fixture.seen("shop", "api.1").state, status::State::Running);
    EXPECT_EQ(fixture.alive.count(db_run), 0U);
}

TEST(ManagerChecksTest, AStartThatWaitsInVainSaysSo) {
    Fixture fixture;
    spec::Service api = service_of("api");
    api.needs = {{"other", "db"}};
    fixture.load("shop", {api});
    ASSERT_EQ(fixture.done.size(), 1U);
    EXPECT_FALSE(fixture.done[0].ok);
    EXPECT_EQ(fixture.done[0].problems.at(0), "shop/api.1: needs other/db, which is not loaded");
    fixture.load("other", {service_of("db")});
    EXPECT_EQ(fixture.seen("shop", "api.1").state, status::State::Running);
}

TEST(ManagerChecksTest, ACircleOfAppsIsRefusedByName) {
    Fixture fixture;
    spec::Service api = service_of("api");
    api.needs = {{"other", ""}};
    fixture.load("shop", {api});
    spec::Service db = service_of("db");
    db.needs = {{"shop", "api"}};
    fixture.load("other", {db});
    ASSERT_EQ(fixture.refused.size(), 1U);
    EXPECT_NE(fixture.refused[0].message.find("other/db needs shop/api needs other/db"),
              std::string::npos)
        << fixture.refused[0].message;
}

}  // namespace
}  // namespace reeve::core
