#include <stdio.h>

#include <gtest/gtest.h>
#include <map>

#include "core/event_table.h"
#include "core/manager.h"

namespace reeve::core {
namespace {

constexpr TimePoint kNow{1000s};

spec::Service job(const std::string& name) {
    spec::Service service;
    service.name = name;
    service.command = spec::DirectCommand{{"bin/" + name}};
    service.restart = spec::UpstartRestart{.respawn = false};
    service.job.emplace();
    return service;
}

spec::EventExpr on(const std::string& name) {
    return {{spec::EventMatch{name, {}}}};
}

struct Fixture {
    Manager manager{ManagerSettings{.epoch = 7, .seed = 1}};
    OperationId last = 0;
    Actions out;

    void handle(const Event& event) { manager.handle(event, kNow, out); }
    OperationId operate(CommandKind kind) {
        handle(Command{++last, {status::CauseKind::Operator, 0, "uid 0: test"}, std::move(kind)});
        return last;
    }
    void load(std::vector<spec::Service> services) {
        spec::App app{.name = "init", .format = spec::Format::Upstart};
        app.services = std::move(services);
        operate(LoadApp{std::make_shared<const spec::App>(app), true});
    }
    /// Performs what there is to perform: every spawn succeeds.
    void spawn_all() {
        const Actions actions = std::exchange(out, {});
        for (const Action& action : actions) {
            const SpawnRun* spawn = std::get_if<SpawnRun>(&action);
            if (spawn == nullptr) continue;
            handle(Spawned{spawn->run, {static_cast<int>(spawn->run & 0xFFFF), 1}});
            handle(Executed{spawn->run});
        }
    }
    std::string refusal_of(OperationId id) const {
        for (const Action& action : out) {
            const Refused* refused = std::get_if<Refused>(&action);
            if (refused != nullptr && refused->operation == id) return refused->message;
        }
        return "";
    }
    bool is_done(OperationId id) const {
        for (const Action& action : out) {
            const OperationDone* done = std::get_if<OperationDone>(&action);
            if (done != nullptr && done->operation == id) return true;
        }
        return false;
    }
};

TEST(ManagerJobsTest, TenThousandEventsAreToldWithoutLoss) {
    Fixture fixture;
    spec::Service counter = job("counter");
    counter.job->start_on = on("tick");
    counter.job->instance = "$N";
    counter.job->has_main = false;
    std::vector<spec::Service> services = {counter};
    for (int i = 0; i < 100; ++i) {
        spec::Service other = job("z" + std::to_string(i));
        other.job->start_on = on("other" + std::to_string(i));
        services.push_back(other);
    }
    fixture.load(services);
    constexpr int kEvents = 10'000;
    int answered = 0;
    for (int i = 0; i < kEvents; ++i) {
        const OperationId id = fixture.operate(Emit{{"tick", {{"N", std::to_string(i)}}}, true});
        if (fixture.is_done(id)) ++answered;
        fixture.out.clear();
    }
    int started = 0;
    fixture.manager.visit_instances({}, [&](const status::Instance& instance) {
        if (instance.phase == status::Phase::Running) ++started;
    });
    EXPECT_EQ(answered, kEvents);
    EXPECT_EQ(started, kEvents);
    ::printf("events emitted=%d answered=%d instances started by them=%d\n", kEvents, answered,
             started);
}

TEST(ManagerJobsTest, EventsOfOneTurnAreBoundedAndNoneIsLost) {
    Fixture fixture;
    spec::Service both = job("both");
    both.job->start_on = on("a");
    both.job->instance = "$N";
    both.job->has_main = false;
    fixture.load({both});
    EventSequence sequence{{}, "test"};
    for (int i = 0; i < 600; ++i)
        sequence.events.push_back({"a", {{"N", std::to_string(i)}}});
    fixture.handle(sequence);
    int turns = 1;
    TimePoint now = kNow;
    while (fixture.manager.deadline()) {
        now = std::max(now, *fixture.manager.deadline());
        fixture.manager.handle(TimePassed{}, now, fixture.out);
        ++turns;
    }
    int started = 0;
    fixture.manager.visit_instances({}, [&](const status::Instance&) { ++started; });
    EXPECT_EQ(started, 600);
    EXPECT_GE(turns, 600 / static_cast<int>(kEventsPerTurn));
}

TEST(ManagerJobsTest, CirclesLeaveRoomForOthers) {
    Fixture fixture;
    const auto of = [](const std::string& moment, const std::string& name) {
        return spec::EventExpr{{spec::EventMatch{moment, {{std::nullopt, name, false}}}}};
    };
    spec::Service ping = job("ping");
    ping.job->has_main = false;
    ping.job->start_on = of("stopped", "pong");
    ping.job->stop_on = of("started", "pong");
    spec::Service pong = job("pong");
    pong.job->has_main = false;
    pong.job->start_on = of("started", "ping");
    pong.job->stop_on = of("stopped", "ping");
    fixture.load({ping, pong, job("web")});
    fixture.operate(JobCommand{JobCommand::Verb::Start, "init", "ping", {}, std::nullopt});
    EXPECT_EQ(fixture.manager.deadline(), kNow + kEventPause);
    fixture.operate(JobCommand{JobCommand::Verb::Start, "init", "web", {}, std::nullopt});
    fixture.spawn_all();
    EXPECT_EQ(fixture.manager.jobs({.job = "web"})->jobs.front().instances.front().seen.phase,
              status::Phase::Running);
}

TEST(ManagerJobsTest, TooManyEventsAreRefused) {
    Fixture fixture;
    spec::Service slow = job("slow");
    slow.job->start_on = on("c");
    slow.job->instance = "$N";
    fixture.load({slow});
    std::string refusal;
    for (std::size_t i = 0; i <= kWaitingEmitsMax && refusal.empty(); ++i) {
        refusal =
            fixture.refusal_of(fixture.operate(Emit{{"c", {{"N", std::to_string(i)}}}, true}));
    }
    EXPECT_EQ(refusal, "too many events are on their way; try again when some are over");
    // Those that nobody waits for are taken on.
    EXPECT_EQ(fixture.refusal_of(fixture.operate(Emit{{"c", {{"N", "x"}}}, false})), "");
}

TEST(ManagerJobsTest, RefusesInUpstartsWords) {
    Fixture fixture;
    spec::Service named = job("named");
    named.job->instance = "$N";
    fixture.load({job("web"), named});
    using Verb = JobCommand::Verb;
    const auto refusal = [&](Verb verb, const std::string& name, spec::Variables variables) {
        return fixture.refusal_of(
            fixture.operate(JobCommand{verb, "init", name, std::move(variables), std::nullopt}));
    };
    EXPECT_EQ(refusal(Verb::Start, "nobody", {}), "Unknown job: nobody");
    EXPECT_EQ(refusal(Verb::Stop, "web", {}), "Unknown instance: ");
    EXPECT_EQ(refusal(Verb::Restart, "web", {}), "Unknown instance: ");
    EXPECT_EQ(refusal(Verb::Start, "named", {}), "Unknown parameter: N");
    EXPECT_EQ(refusal(Verb::Stop, "named", {{"N", "7"}}), "Unknown instance: 7");
    EXPECT_EQ(refusal(Verb::Start, "web", {}), "");
    EXPECT_EQ(refusal(Verb::Start, "web", {}), "Job is already running: web");
    EXPECT_EQ(refusal(Verb::Start, "named", {{"N", "7"}}), "");
    EXPECT_EQ(refusal(Verb::Start, "named", {{"N", "7"}}), "Job is already running: named (7)");
    fixture.spawn_all();
    EXPECT_EQ(refusal(Verb::Stop, "web", {}), "");
    EXPECT_EQ(refusal(Verb::Stop, "web", {}), "Job has already been stopped: web");
    EXPECT_EQ(fixture.refusal_of(fixture.operate(Emit{{"", {}}, true})),
              "Name may not be empty string");
}

TEST(ManagerJobsTest, ShowsHowFarAnExpressionHasCome) {
    Fixture fixture;
    spec::Service web = job("web");
    web.job->start_on =
        spec::EventExpr{{spec::EventMatch{"a", {}}, spec::EventMatch{"b", {}}, spec::EventAnd{}}};
    web.job->usage = "start web";
    fixture.load({web});
    fixture.operate(Emit{{"a", {{"K", "1"}}}, true});
    const auto jobs = fixture.manager.jobs({.app = "init", .job = "web"});
    ASSERT_TRUE(jobs.ok());
    ASSERT_EQ(jobs->jobs.size(), 1U);
    const status::Job& seen = jobs->jobs.front();
    EXPECT_EQ(seen.usage, "start web");
    EXPECT_EQ(seen.start_on->expression, "(a and b)");
    EXPECT_EQ(seen.start_on->missing, "b");
    EXPECT_EQ(seen.start_on->come, (std::vector<std::string>{"a K=1"}));
    ASSERT_EQ(seen.instances.size(), 1U);
    EXPECT_EQ(seen.instances.front().seen.phase, status::Phase::Waiting);
    EXPECT_EQ(fixture.manager.jobs({.job = "nobody"}).error().message, "Unknown job: nobody");
}

TEST(ManagerJobsTest, OperatorsSetVariablesBelowAllOthers) {
    Fixture fixture;
    spec::Service web = job("web");
    fixture.load({web});
    fixture.operate(SetVariables{.app = "init", .set = {{"A", "1"}, {"B", "2"}}});
    fixture.operate(SetVariables{.app = "init", .set = {{"A", "3"}}, .keep_existing = true});
    fixture.operate(SetVariables{.app = "init", .unset = {"B"}});
    EXPECT_EQ(fixture.manager.jobs({.app = "init"})->variables, (spec::Variables{{"A", "1"}}));
    fixture.out.clear();
    fixture.operate(JobCommand{JobCommand::Verb::Start, "init", "web", {}, std::nullopt});
    for (const Action& action : fixture.out) {
        const SpawnRun* spawn = std::get_if<SpawnRun>(&action);
        if (spawn == nullptr) continue;
        EXPECT_EQ(spawn->base_variables, (spec::Variables{{"A", "1"}}));
    }
}

TEST(ManagerJobsTest, ShowsTheEnvironmentOfTheJobThatIsAskedFor) {
    Fixture fixture;
    spec::Service web = job("web");
    web.environment = {{"B", "own"}, {"C", "own"}};
    fixture.load({web});
    fixture.operate(SetVariables{.app = "init", .set = {{"A", "all"}, {"B", "all"}}});
    fixture.operate(JobCommand{JobCommand::Verb::Start, "init", "web", {{"C", "1"}}, std::nullopt});
    const auto asked = fixture.manager.jobs({.app = "init", .job = "web"});
    EXPECT_EQ(asked->jobs.at(0).instances.at(0).environment,
              (spec::Variables{{"A", "all"}, {"B", "own"}, {"C", "1"}}));
    EXPECT_TRUE(fixture.manager.jobs({.app = "init"})->jobs[0].instances[0].environment.empty());
}

TEST(ManagerJobsTest, AStopCommandIsNotStartedBesideTheHookOfAStartThatIsCutShort) {
    Fixture fixture;
    spec::Service web = job("web");
    web.hooks.post_start = spec::Hook{spec::DirectCommand{{"bin/after"}}};
    web.stop.command = spec::DirectCommand{{"bin/stop"}};
    fixture.load({web});
    fixture.operate(JobCommand{JobCommand::Verb::Start, "init", "web", {}, std::nullopt});
    fixture.spawn_all();  // the job; its hook comes next
    fixture.spawn_all();
    fixture.operate(UnloadApp{"init"});
    bool has_command = false;
    for (const Action& action : fixture.out) {
        const SpawnRun* spawn = std::get_if<SpawnRun>(&action);
        has_command |= spawn != nullptr && spawn->role == RunRole::StopCommand;
    }
    EXPECT_TRUE(has_command);
    std::vector<Record> records;
    fixture.manager.all_records(records);
    Actions out;
    const Result<Manager> restored =
        Manager::restore(ManagerSettings{.epoch = 8, .seed = 1}, records, kNow, out);
    EXPECT_TRUE(restored.ok());
}

TEST(ManagerJobsTest, WhatWaitsAtTheBrakeIsNotSpawnedOnceItIsStopped) {
    Fixture fixture;
    fixture.manager = Manager(ManagerSettings{.epoch = 7, .seed = 1, .spawning_max = 1});
    spec::Service late = job("late");
    late.job->start_on = on("stopping");  // holds up the stop until it runs
    fixture.load({job("first"), job("second"), late});
    fixture.operate(JobCommand{JobCommand::Verb::Start, "init", "first", {}, std::nullopt});
    fixture.operate(JobCommand{JobCommand::Verb::Start, "init", "second", {}, std::nullopt});
    fixture.operate(JobCommand{JobCommand::Verb::Stop, "init", "second", {}, std::nullopt});
    fixture.spawn_all();  // the first, which lets the next one through
    std::vector<std::string> spawned;
    for (const Action& action : fixture.out) {
        const SpawnRun* spawn = std::get_if<SpawnRun>(&action);
        if (spawn != nullptr) spawned.push_back(spawn->instance.service);
    }
    EXPECT_EQ(spawned, std::vector<std::string>{"late"});
}

}  // namespace
}  // namespace reeve::core
