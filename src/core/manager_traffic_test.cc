#include <signal.h>

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <vector>

#include "core/manager.h"

// Old and new processes behind a proxy: which ports they take, and when the old one is stopped.
namespace reeve::core {
namespace {

constexpr TimePoint kBegin{1000s};
/// A release with a worker that takes ten seconds longer than `web`.
const std::string kSlow = "slow";

/// A release whose `web` may go on for twenty seconds when the proxy has let go of it.
const std::string kDrained = "drained";

std::shared_ptr<const spec::App> release(const std::string& version, std::uint32_t webs) {
    spec::App app{.name = "shop", .source = "shop", .directory = "/srv/shop/" + version};
    spec::Service web;
    web.name = "web";
    web.command = spec::DirectCommand{{"bin/web"}};
    web.readiness = spec::ReadyAfter{10s};
    web.wants_port = true;
    web.instances = webs;
    web.stop.steps = {{SIGTERM, 30s}};
    web.rollout.order = spec::ReplaceOrder::StartFirst;
    web.rollout.proxy_wait = 5s;
    web.rollout.retire_wait = 60s;
    if (version == kDrained) web.rollout.drain = 20s;
    app.services.push_back(web);
    if (version == kSlow) {
        spec::Service worker;
        worker.name = "worker";
        worker.command = spec::DirectCommand{{"bin/worker"}};
        worker.readiness = spec::ReadyAfter{20s};
        app.services.push_back(worker);
    }
    return std::make_shared<const spec::App>(app);
}

/// A manager whose spawns succeed, and processes that end when the test says so.
struct TrafficFixture {
    Manager manager{ManagerSettings{.epoch = 7, .seed = 1}};
    TimePoint now = kBegin;
    OperationId next_operation = 1;
    std::vector<RunId> runs;       // in the order of their spawns
    std::map<RunId, int> slots;    // of the ports
    std::map<RunId, int> signals;  // how many each was sent
    std::vector<RunId> killed;

    void handle(const Event& event) {
        Actions out;
        manager.handle(event, now, out);
        for (const Action& action : out) {
            if (const auto* signal = std::get_if<SignalRun>(&action)) ++signals[signal->run];
            if (const auto* kill = std::get_if<KillRun>(&action)) killed.push_back(kill->run);
            const auto* spawn = std::get_if<SpawnRun>(&action);
            if (spawn == nullptr) continue;
            runs.push_back(spawn->run);
            slots[spawn->run] = spawn->port_slot;
            handle(Spawned{spawn->run, {static_cast<int>(spawn->run & 0xFFFF), 1}});
            handle(Executed{spawn->run});
        }
    }

    void command(CommandKind kind) {
        handle(
            Command{next_operation++, {status::CauseKind::Operator, 0, "test"}, std::move(kind)});
    }

    void load(const std::string& version, std::uint32_t webs) {
        LoadApp load{release(version, webs)};
        load.together = true;
        command(std::move(load));
    }

    void pass(Duration time) {
        now += time;
        handle(TimePassed{});
    }

    std::map<std::string, status::Instance> seen() const {
        std::map<std::string, status::Instance> all;
        manager.visit_instances({}, [&](const status::Instance& one) {
            all.emplace(spec::instance_text(one.name), one);
        });
        return all;
    }
};

TrafficFixture with_first_release(std::uint32_t webs) {
    TrafficFixture fixture;
    fixture.load("1", webs);
    fixture.pass(10s);
    return fixture;
}

TEST(ManagerTrafficTest, ARestartTakesTheOtherPortOfThePairAndAReleaseOneOfTheOtherPair) {
    TrafficFixture fixture = with_first_release(1);
    fixture.command(Restart{{spec::Target{"shop", ""}}});
    fixture.pass(10s);
    fixture.handle(TrafficGone{"shop"});
    fixture.handle(Exited{fixture.runs[0], status::ExitSignal{SIGTERM, false}, false, {}, {}});
    fixture.load("2", 1);
    fixture.pass(10s);
    ASSERT_EQ(fixture.runs.size(), 3U);
    EXPECT_EQ(fixture.slots[fixture.runs[0]], 0);
    EXPECT_EQ(fixture.slots[fixture.runs[1]], 1);
    EXPECT_EQ(fixture.slots[fixture.runs[2]], 2);
    EXPECT_EQ(fixture.seen().at("web.1").port_slot, 2);
}

TEST(ManagerTrafficTest, WhatIsReadyBeforeItsReleaseIsSwitchedToIsHeld) {
    TrafficFixture fixture = with_first_release(1);
    fixture.load(kSlow, 2);
    fixture.pass(10s);
    EXPECT_FALSE(fixture.seen().at("web.1").held) << "the old one serves";
    EXPECT_TRUE(fixture.seen().at("web.2").ready);
    EXPECT_TRUE(fixture.seen().at("web.2").held);
    fixture.pass(10s);
    EXPECT_FALSE(fixture.seen().at("web.2").held);
}

TEST(ManagerTrafficTest, WhatWasReplacedIsStoppedWhenTheProxyHasLetGoOfIt) {
    TrafficFixture fixture = with_first_release(1);
    const RunId old = fixture.runs[0];
    fixture.load("2", 1);
    fixture.pass(10s);
    EXPECT_EQ(fixture.manager.draining_apps(), std::vector<std::string>{"shop"});
    EXPECT_EQ(fixture.signals[old], 0);
    fixture.handle(TrafficGone{"shop"});
    EXPECT_EQ(fixture.signals[old], 1);
    EXPECT_TRUE(fixture.manager.draining_apps().empty());
}

TEST(ManagerTrafficTest, AProxyThatLetsGoOfNothingIsNotWaitedForLonger) {
    TrafficFixture fixture = with_first_release(1);
    fixture.load("2", 1);
    fixture.pass(10s);
    fixture.pass(4s);
    EXPECT_EQ(fixture.signals[fixture.runs[0]], 0);
    fixture.pass(1s);
    EXPECT_EQ(fixture.signals[fixture.runs[0]], 1);
}

TEST(ManagerTrafficTest, ThePauseBeginsWhenTheProxyHasLetGo) {
    TrafficFixture fixture;
    fixture.load(kDrained, 1);
    fixture.pass(10s);
    fixture.load("2", 1);
    fixture.pass(10s);
    fixture.pass(1s);
    fixture.handle(TrafficGone{"shop"});
    fixture.pass(19s);
    EXPECT_EQ(fixture.signals[fixture.runs[0]], 0);
    fixture.pass(1s);
    EXPECT_EQ(fixture.signals[fixture.runs[0]], 1) << "four seconds before the proxy's patience";
}

TEST(ManagerTrafficTest, WhatWasReplacedHasTheRetireWaitBeforeItsStopLadder) {
    TrafficFixture fixture = with_first_release(1);
    const RunId old = fixture.runs[0];
    fixture.load("2", 1);
    fixture.pass(10s);
    fixture.handle(TrafficGone{"shop"});
    fixture.pass(59s);
    EXPECT_EQ(fixture.signals[old], 1);
    fixture.pass(1s);
    EXPECT_EQ(fixture.signals[old], 2);
    fixture.pass(30s);
    EXPECT_EQ(fixture.killed, std::vector<RunId>{old});
}

TEST(ManagerTrafficTest, AStopDoesNotWaitForWhatRetires) {
    TrafficFixture fixture = with_first_release(1);
    const RunId old = fixture.runs[0];
    fixture.load("2", 1);
    fixture.pass(10s);
    fixture.handle(TrafficGone{"shop"});
    fixture.command(Stop{{spec::Target{"shop", ""}}});
    EXPECT_EQ(fixture.signals[old], 2);
    fixture.pass(30s);
    EXPECT_NE(std::find(fixture.killed.begin(), fixture.killed.end(), old), fixture.killed.end());
}

TEST(ManagerTrafficTest, WhatIsScaledAwayIsStoppedWhenTheProxyHasLetGoOfIt) {
    TrafficFixture fixture = with_first_release(2);
    const RunId second = fixture.runs[1];
    fixture.command(Scale{"shop", {{"web", 1}}});
    EXPECT_EQ(fixture.signals[second], 0);
    EXPECT_EQ(fixture.seen().at("web.2").goal, status::Goal::Down);
    fixture.handle(TrafficGone{"shop"});
    EXPECT_EQ(fixture.signals[second], 1);
    fixture.handle(Exited{second, status::ExitCode{0}, false, {}, {}});
    EXPECT_FALSE(fixture.seen().contains("web.2"));
}

TEST(ManagerTrafficTest, TheNextReleaseNeedNotWaitForWhatRetires) {
    TrafficFixture fixture = with_first_release(1);
    for (const char* version : {"2", "3", "4"}) {
        fixture.load(version, 1);
        fixture.pass(10s);
    }
    EXPECT_EQ(fixture.seen().at("web.1").state, status::State::Running);
    std::vector<int> taken;
    for (const RunId run : fixture.runs)
        taken.push_back(fixture.slots[run]);
    EXPECT_EQ(taken, (std::vector<int>{0, 2, 1, 3}));
}

TEST(ManagerTrafficTest, ARestoreLeavesDownWhatIsNotToComeUp) {
    TrafficFixture fixture;
    RestoreApp restore{release("1", 1), "", {status::CauseKind::Boot, 0, "test"}, false};
    fixture.handle(restore);
    EXPECT_TRUE(fixture.runs.empty());
    EXPECT_EQ(fixture.seen().at("web.1").goal, status::Goal::Down);
    fixture.command(Start{{spec::Target{"shop", ""}}});
    EXPECT_EQ(fixture.runs.size(), 1U);
}

}  // namespace
}  // namespace reeve::core
