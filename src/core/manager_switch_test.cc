#include <gtest/gtest.h>
#include <map>

#include "core/manager.h"

// A load that is all or nothing: `web` and `worker` of `shop`, both ready after ten seconds.
namespace reeve::core {
namespace {

constexpr TimePoint kBegin{1000s};
constexpr Duration kReadyAfter = 10s;

std::shared_ptr<const spec::App> release(const std::string& version, std::uint32_t webs) {
    spec::App app{.name = "shop", .source = "shop", .directory = "/srv/shop/" + version};
    for (const char* name : {"web", "worker"}) {
        spec::Service service;
        service.name = name;
        service.command = spec::DirectCommand{{"bin/" + std::string(name)}};
        service.readiness = spec::ReadyAfter{kReadyAfter};
        service.rollout.order = spec::ReplaceOrder::StartFirst;
        service.restart = spec::DockerRestart{};
        service.instances = std::string(name) == "web" ? webs : 1;
        app.services.push_back(service);
    }
    return std::make_shared<const spec::App>(app);
}

/// A manager whose spawns succeed, and what it is doing.
struct Fixture {
    Manager manager{ManagerSettings{.epoch = 7, .seed = 1}};
    std::map<std::string, std::string> journal;
    TimePoint now = kBegin;
    std::map<RunId, std::string> alive;  // which release each live run is of
    std::map<RunId, spec::InstanceName> names;
    std::vector<OperationDone> done;
    std::vector<std::string> persisted;  // the directories of apps that went to disk

    void handle(const Event& event) {
        Actions out;
        manager.handle(event, now, out);
        perform(out);
    }

    void perform(const Actions& out) {
        std::vector<Record> records;
        manager.take_changes(records);
        for (const Record& record : records) {
            journal.erase(record.key);
            if (!record.erased) journal.emplace(record.key, record.value);
        }
        for (const Action& action : out) {
            if (const auto* end = std::get_if<OperationDone>(&action)) done.push_back(*end);
            if (const auto* persist = std::get_if<PersistApp>(&action)) {
                persisted.push_back(persist->spec ? persist->spec->directory : "");
            }
            if (const auto* spawn = std::get_if<SpawnRun>(&action)) {
                alive[spawn->run] = spawn->app->directory;
                names[spawn->run] = spawn->instance;
            }
        }
        for (const Action& action : out) {
            if (const auto* spawn = std::get_if<SpawnRun>(&action)) {
                handle(Spawned{spawn->run, {static_cast<int>(spawn->run & 0xFFFF), 1}});
                handle(Executed{spawn->run});
            } else if (const auto* signal = std::get_if<SignalRun>(&action)) {
                end(signal->run, status::ExitSignal{signal->signal, false});
            }
        }
    }

    void end(RunId run, const status::Exit& exit) {
        if (alive.erase(run) == 0) return;
        handle(Exited{run, exit, false});
    }

    void load(OperationId id, std::shared_ptr<const spec::App> app) {
        LoadApp load{std::move(app)};
        load.together = true;
        handle(Command{id, {status::CauseKind::Operator, 0, "test"}, load});
    }

    void pass(Duration time) {
        now += time;
        handle(TimePassed{});
    }

    /// The first live run of an instance and a release.
    RunId run_of(const std::string& instance, const std::string& directory) const {
        for (const auto& [run, of] : alive) {
            if (of == directory && spec::instance_text(names.at(run)) == instance) return run;
        }
        return 0;
    }

    std::size_t runs_of(const std::string& directory) const {
        std::size_t count = 0;
        for (const auto& [run, of] : alive)
            count += of == directory ? 1 : 0;
        return count;
    }
};

const std::string kOld = "/srv/shop/1";
const std::string kNew = "/srv/shop/2";

Fixture with_first_release() {
    Fixture fixture;
    fixture.load(1, release("1", 2));
    fixture.pass(kReadyAfter);
    EXPECT_EQ(fixture.runs_of(kOld), 3U);
    fixture.done.clear();
    fixture.persisted.clear();
    return fixture;
}

TEST(ManagerSwitchTest, EverythingIsSwitchedWhenAllOfItIsReady) {
    Fixture fixture = with_first_release();
    fixture.load(2, release("2", 3));
    EXPECT_EQ(fixture.runs_of(kOld), 3U);
    EXPECT_EQ(fixture.runs_of(kNew), 4U);
    fixture.pass(kReadyAfter - 1s);
    EXPECT_EQ(fixture.runs_of(kOld), 3U);
    EXPECT_TRUE(fixture.done.empty());
    EXPECT_TRUE(fixture.persisted.empty());
    fixture.pass(1s);
    EXPECT_EQ(fixture.runs_of(kOld), 0U);
    EXPECT_EQ(fixture.runs_of(kNew), 4U);
    ASSERT_EQ(fixture.done.size(), 1U);
    EXPECT_TRUE(fixture.done[0].ok);
    EXPECT_EQ(fixture.persisted, std::vector<std::string>{kNew});
}

TEST(ManagerSwitchTest, WhatNeedsSomethingThatDoesNotComeFailsByItsName) {
    Fixture fixture = with_first_release();
    spec::App app = *release("2", 3);
    app.services.front().needs = {{"db", ""}};
    fixture.load(2, std::make_shared<const spec::App>(std::move(app)));
    ASSERT_EQ(fixture.done.size(), 1U);
    EXPECT_FALSE(fixture.done[0].ok);
    ASSERT_EQ(fixture.done[0].problems.size(), 1U);
    EXPECT_NE(fixture.done[0].problems[0].find("needs db, which is not loaded"), std::string::npos);
    EXPECT_EQ(fixture.runs_of(kOld), 3U);
}

TEST(ManagerSwitchTest, OneThatFailsLeavesEverythingAsItWas) {
    Fixture fixture = with_first_release();
    fixture.load(2, release("2", 3));
    fixture.pass(5s);
    fixture.end(fixture.run_of("worker.1", kNew), status::ExitCode{3});
    EXPECT_EQ(fixture.runs_of(kNew), 0U);
    EXPECT_EQ(fixture.runs_of(kOld), 3U);
    ASSERT_EQ(fixture.done.size(), 1U);
    EXPECT_FALSE(fixture.done[0].ok);
    ASSERT_EQ(fixture.done[0].problems.size(), 1U);
    EXPECT_NE(fixture.done[0].problems[0].find("exited with code 3"), std::string::npos);
    EXPECT_TRUE(fixture.persisted.empty());
    EXPECT_EQ(fixture.manager.find_app("shop")->directory, kOld);
    fixture.pass(60s);
    EXPECT_EQ(fixture.runs_of(kOld), 3U);
    EXPECT_EQ(fixture.alive.size(), 3U);
}

TEST(ManagerSwitchTest, ANewInstanceThatFailsTakesAllBack) {
    Fixture fixture = with_first_release();
    fixture.load(2, release("2", 3));
    fixture.end(fixture.run_of("web.3", kNew), status::ExitCode{1});
    EXPECT_EQ(fixture.alive.size(), 3U);
    EXPECT_EQ(fixture.runs_of(kOld), 3U);
}

TEST(ManagerSwitchTest, AnOldOneThatDiesMeanwhileIsReplacedByTheNew) {
    Fixture fixture = with_first_release();
    fixture.load(2, release("2", 2));
    fixture.pass(5s);
    fixture.end(fixture.run_of("web.1", kOld), status::ExitCode{1});
    fixture.pass(5s);
    EXPECT_EQ(fixture.runs_of(kNew), 3U);
    EXPECT_EQ(fixture.alive.size(), 3U);
    EXPECT_TRUE(fixture.done.at(0).ok);
}

TEST(ManagerSwitchTest, FewerInstancesAreRetiredAfterTheSwitchOnly) {
    Fixture fixture = with_first_release();
    fixture.load(2, release("2", 1));
    EXPECT_EQ(fixture.runs_of(kOld), 3U);
    fixture.pass(kReadyAfter);
    EXPECT_EQ(fixture.runs_of(kNew), 2U);
    EXPECT_EQ(fixture.alive.size(), 2U);
}

TEST(ManagerSwitchTest, AStoppedAppComesUpWithTheNewRelease) {
    Fixture fixture = with_first_release();
    fixture.handle(
        Command{5, {status::CauseKind::Operator, 0, "test"}, Stop{{spec::Target{"shop", ""}}}});
    EXPECT_TRUE(fixture.alive.empty());
    fixture.load(2, release("2", 2));
    fixture.pass(kReadyAfter);
    EXPECT_EQ(fixture.runs_of(kNew), 3U);
}

TEST(ManagerSwitchTest, AStoppedAppIsStoppedAgainWhenTheNewReleaseFails) {
    Fixture fixture = with_first_release();
    fixture.handle(
        Command{5, {status::CauseKind::Operator, 0, "test"}, Stop{{spec::Target{"shop", ""}}}});
    fixture.load(2, release("2", 2));
    fixture.end(fixture.run_of("worker.1", kNew), status::ExitCode{1});
    EXPECT_TRUE(fixture.alive.empty());
    EXPECT_EQ(fixture.manager.find_app("shop")->directory, kOld);
    fixture.pass(120s);
    EXPECT_TRUE(fixture.alive.empty());
}

TEST(ManagerSwitchTest, AnotherDaemonCarriesOn) {
    Fixture fixture = with_first_release();
    fixture.load(2, release("2", 2));
    fixture.pass(5s);
    std::vector<Record> records;
    for (const auto& [key, value] : fixture.journal)
        records.push_back(Record{key, value, false});
    Actions out;
    auto restored =
        Manager::restore(ManagerSettings{.epoch = 7, .seed = 1}, records, fixture.now, out);
    ASSERT_TRUE(restored.ok()) << restored.error().message;
    fixture.manager = std::move(*restored);
    fixture.pass(5s);
    EXPECT_EQ(fixture.runs_of(kNew), 3U);
    EXPECT_EQ(fixture.alive.size(), 3U);
    EXPECT_TRUE(fixture.done.at(0).ok);
}

TEST(ManagerSwitchTest, AnUnloadMeanwhileEndsBoth) {
    Fixture fixture = with_first_release();
    fixture.load(2, release("2", 2));
    fixture.handle(Command{6, {status::CauseKind::Operator, 0, "test"}, UnloadApp{"shop"}});
    fixture.pass(1s);
    EXPECT_TRUE(fixture.alive.empty());
    EXPECT_EQ(fixture.manager.find_app("shop"), nullptr);
}

}  // namespace
}  // namespace reeve::core
