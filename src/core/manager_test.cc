#include "core/manager.h"

#include <chrono>
#include <gtest/gtest.h>
#include <map>

namespace reeve::core {
namespace {

constexpr TimePoint kNow{1000s};

std::shared_ptr<const spec::App> shop(std::uint32_t instances) {
    spec::App app{.name = "shop", .source = "/srv/shop/Procfile", .directory = "/srv/shop"};
    spec::Service web;
    web.name = "web";
    web.command = spec::DirectCommand{{"bin/web"}};
    web.instances = instances;
    app.services.push_back(web);
    return std::make_shared<const spec::App>(app);
}

Command command(OperationId id, CommandKind kind) {
    return Command{id, {status::CauseKind::Operator, 0, "uid 0: test"}, std::move(kind)};
}

template <typename T>
std::vector<T> all_of(const Actions& actions) {
    std::vector<T> found;
    for (const Action& action : actions) {
        if (const T* match = std::get_if<T>(&action)) found.push_back(*match);
    }
    return found;
}

/// A manager whose spawns succeed at once.
struct Fixture {
    Manager manager{ManagerSettings{.epoch = 7, .seed = 1}};
    std::map<std::string, std::string> journal;

    Actions handle(const Event& event, TimePoint now = kNow) {
        Actions out;
        manager.handle(event, now, out);
        std::vector<Record> records;
        manager.take_changes(records);
        for (const Record& record : records) {
            journal.erase(record.key);
            if (!record.erased) journal.emplace(record.key, record.value);
        }
        for (const SpawnRun& spawn : all_of<SpawnRun>(Actions(out))) {
            handle(Spawned{spawn.run, {static_cast<int>(spawn.run & 0xFFFF), 1}}, now);
            handle(Executed{spawn.run}, now);
        }
        return out;
    }

    Result<Manager> restored(Actions& out) const {
        std::vector<Record> records;
        for (const auto& [key, value] : journal)
            records.push_back(Record{key, value, false});
        return Manager::restore(ManagerSettings{.epoch = 7, .seed = 1}, records, kNow, out);
    }

    std::vector<status::Instance> instances() const {
        std::vector<status::Instance> seen;
        manager.visit_instances({}, [&](const status::Instance& i) { seen.push_back(i); });
        return seen;
    }
};

TEST(ManagerTest, NewsOfAnUnknownRunIsAnsweredWithItsReapingOnly) {
    Fixture fixture;
    const Actions out = fixture.handle(Exited{42, status::ExitCode{0}, false});
    ASSERT_EQ(out.size(), 1U);
    EXPECT_EQ(std::get<ReapRun>(out[0]).run, 42U);
}

std::shared_ptr<const spec::App> releasing_shop() {
    spec::App app = *shop(1);
    app.services.front().on_remove = spec::OnRemove::Release;
    return std::make_shared<const spec::App>(app);
}

TEST(ManagerTest, AnUnloadLetsGoOfWhatIsToBeReleased) {
    Fixture fixture;
    fixture.handle(command(1, LoadApp{releasing_shop()}));
    ASSERT_EQ(fixture.instances().size(), 1U);
    const Actions out = fixture.handle(command(2, UnloadApp{"shop"}));
    EXPECT_EQ(all_of<ReleaseRun>(out).size(), 1U);
    EXPECT_TRUE(all_of<SignalRun>(out).empty());
    EXPECT_TRUE(all_of<KillRun>(out).empty());
    EXPECT_TRUE(all_of<ReapRun>(out).empty());
    ASSERT_EQ(all_of<OperationDone>(out).size(), 1U);
    EXPECT_TRUE(all_of<OperationDone>(out)[0].ok);
    EXPECT_TRUE(fixture.instances().empty());
}

TEST(ManagerTest, AReloadLetsGoOfWhatIsNoLongerConfigured) {
    Fixture fixture;
    fixture.handle(command(1, LoadApp{releasing_shop()}));
    spec::App other = *releasing_shop();
    other.services.front().name = "worker";
    const Actions out =
        fixture.handle(command(2, LoadApp{std::make_shared<const spec::App>(other)}));
    EXPECT_EQ(all_of<ReleaseRun>(out).size(), 1U);
    EXPECT_TRUE(all_of<SignalRun>(out).empty());
    ASSERT_EQ(fixture.instances().size(), 1U);
    EXPECT_EQ(fixture.instances()[0].name.service, "worker");
}

TEST(ManagerTest, AStopOfWhatWouldBeReleasedIsAStop) {
    Fixture fixture;
    fixture.handle(command(1, LoadApp{releasing_shop()}));
    const Actions out = fixture.handle(command(2, Stop{{{"shop", ""}}}));
    EXPECT_TRUE(all_of<ReleaseRun>(out).empty());
    EXPECT_EQ(all_of<SignalRun>(out).size(), 1U);
}

TEST(ManagerTest, ACommandThatComesAgainGetsItsAnswerAgain) {
    Fixture fixture;
    fixture.handle(command(1, LoadApp{shop(2)}));
    const Actions again = fixture.handle(command(1, LoadApp{shop(2)}));
    EXPECT_EQ(all_of<SpawnRun>(again).size(), 0U);
    ASSERT_EQ(all_of<Accepted>(again).size(), 1U);
    EXPECT_EQ(all_of<Accepted>(again)[0].instances.size(), 2U);
    ASSERT_EQ(all_of<OperationDone>(again).size(), 1U);
    EXPECT_TRUE(all_of<OperationDone>(again)[0].ok);
}

TEST(ManagerTest, TheNextDaemonKnowsTheAnswer) {
    Fixture fixture;
    fixture.handle(command(1, LoadApp{shop(1)}));
    fixture.handle(command(2, Stop{{spec::Target{"shop", "nothing"}}}));
    Actions out;
    Result<Manager> next = fixture.restored(out);
    ASSERT_TRUE(next.ok());
    Actions answers;
    next->handle(command(1, LoadApp{shop(1)}), kNow, answers);
    next->handle(command(2, Stop{{spec::Target{"shop", "nothing"}}}), kNow, answers);
    EXPECT_EQ(all_of<OperationDone>(answers).size(), 1U);
    ASSERT_EQ(all_of<Refused>(answers).size(), 1U);
    EXPECT_EQ(all_of<Refused>(answers)[0].refusal, Refusal::NoSuchTarget);
}

TEST(ManagerTest, AnswersAreForgottenInTheEnd) {
    Fixture fixture;
    fixture.handle(command(1, LoadApp{shop(1)}));
    fixture.handle(command(2, Start{{spec::Target{"shop", ""}}}), kNow + 1h);
    EXPECT_FALSE(fixture.journal.contains("o/0000000000000001"));
    for (OperationId id = 3; id < 1000; ++id) {
        fixture.handle(command(id, Start{{spec::Target{"shop", ""}}}), kNow + 1h);
    }
    EXPECT_LE(fixture.journal.size(), 300U);
}

TEST(ManagerTest, ATornRecordIsAnErrorAndNotAGuess) {
    Fixture fixture;
    fixture.handle(command(1, LoadApp{shop(1)}));
    for (const auto& [key, value] : std::map(fixture.journal)) {
        if (key == "x") continue;
        fixture.journal[key] = value.substr(0, value.size() / 2);
        Actions out;
        EXPECT_FALSE(fixture.restored(out).ok()) << key;
        fixture.journal[key] = value;
    }
}

TEST(ManagerTest, EveryTruncationAndEveryChangedByteIsSurvived) {
    Fixture fixture;
    fixture.handle(command(1, LoadApp{shop(2)}));
    fixture.handle(command(2, Stop{{spec::Target{"shop", "web.1"}}}));
    for (const auto& [key, value] : std::map(fixture.journal)) {
        for (std::size_t i = 0; i < value.size(); ++i) {
            for (const char flip : {'\x01', '\x7f', '\x80'}) {
                fixture.journal[key] = value;
                fixture.journal[key][i] = static_cast<char>(value[i] ^ flip);
                Actions out;
                (void)fixture.restored(out).ok();  // either way, but without a crash
            }
        }
        fixture.journal[key] = value;
    }
}

TEST(ManagerTest, WhatWasPerformedIsNotGivenAgain) {
    Fixture fixture;
    fixture.handle(command(1, LoadApp{shop(1)}));
    fixture.handle(command(2, Stop{{spec::Target{"shop", ""}}}));
    Actions unsure;
    ASSERT_TRUE(fixture.restored(unsure).ok());
    EXPECT_EQ(all_of<SignalRun>(unsure).size(), 1U);
    std::vector<Record> records;
    fixture.manager.performed(records);
    ASSERT_EQ(records.size(), 1U);
    fixture.journal.erase(records[0].key);
    Actions sure;
    ASSERT_TRUE(fixture.restored(sure).ok());
    EXPECT_EQ(all_of<SignalRun>(sure).size(), 0U);
    EXPECT_EQ(all_of<AdoptRun>(sure).size(), 1U);
}

TEST(ManagerTest, WhatWasStoppedByHandStaysDownAfterABoot) {
    Fixture fixture;
    fixture.handle(command(1, LoadApp{shop(2)}));
    fixture.handle(command(2, Scale{"shop", {{"web", 3}}}));
    const Actions out = fixture.handle(command(3, Stop{{spec::Target{"shop", "web.2"}}}));
    ASSERT_EQ(all_of<PersistFormation>(out).size(), 1U);
    const std::string formation = all_of<PersistFormation>(out)[0].formation;

    Fixture booted;
    booted.handle(RestoreApp{shop(2), formation, {status::CauseKind::Boot, 0, "boot"}});
    const std::vector<status::Instance> instances = booted.instances();
    ASSERT_EQ(instances.size(), 3U);
    EXPECT_EQ(instances[0].state, status::State::Running);
    EXPECT_EQ(instances[1].state, status::State::Stopped);
    EXPECT_EQ(instances[1].goal, status::Goal::Down);
    EXPECT_EQ(instances[2].state, status::State::Running);
}

TEST(ManagerTest, AReplacedInstanceRunsSinceItsReplacement) {
    Fixture fixture;
    spec::App overlapping = *shop(1);
    overlapping.services[0].rollout.order = spec::ReplaceOrder::StartFirst;
    fixture.handle(command(1, LoadApp{std::make_shared<const spec::App>(overlapping), true}));
    EXPECT_EQ(fixture.instances()[0].since, kNow);
    fixture.handle(command(2, Restart{{spec::Target{"shop", ""}}}), kNow + 60s);
    EXPECT_EQ(fixture.instances()[0].state, status::State::Running);
    EXPECT_EQ(fixture.instances()[0].since, kNow + 60s);
}

TEST(ManagerTest, WhatOutlivesSigkillBeforeItsPidIsKnownIsNamedWithoutOne) {
    Manager manager{ManagerSettings{.epoch = 7, .seed = 1}};
    Actions out;
    manager.handle(command(1, LoadApp{shop(1)}), kNow, out);
    ASSERT_EQ(all_of<SpawnRun>(out).size(), 1U);
    manager.handle(command(2, Stop{{spec::Target{"shop", ""}}}), kNow, out);
    for (TimePoint now = kNow; now < kNow + 60s; now += 1s)
        manager.handle(TimePassed{}, now, out);
    std::string reason;
    manager.visit_instances({}, [&](const status::Instance& one) { reason = one.reason; });
    EXPECT_EQ(reason, "main process of unknown pid outlives SIGKILL");
}

TEST(ManagerTest, AnIdleManagerWantsNoWaking) {
    Fixture fixture;
    EXPECT_EQ(fixture.manager.deadline(), std::nullopt);
    fixture.handle(command(1, LoadApp{shop(3)}));
    EXPECT_EQ(fixture.manager.deadline(), std::nullopt);
}

}  // namespace
}  // namespace reeve::core
