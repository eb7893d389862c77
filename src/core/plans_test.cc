#include <gtest/gtest.h>

#include "core/formation.h"
#include "core/reload_plan.h"
#include "core/rollout.h"
#include "core/scale_plan.h"
#include "core/start_brake.h"

// The small decisions that need no manager.
namespace reeve::core {
namespace {

TEST(ScalePlanTest, AddsTheLowestFreeAndRetiresTheHighestPresent) {
    EXPECT_EQ(plan_scale({}, 2), (ScalePlan{{1, 2}, {}}));
    EXPECT_EQ(plan_scale({1, 3}, 4), (ScalePlan{{2, 4}, {}}));
    EXPECT_EQ(plan_scale({1, 2, 5}, 1), (ScalePlan{{}, {5, 2}}));
    EXPECT_EQ(plan_scale({2, 4}, 2), (ScalePlan{{}, {}}));
    EXPECT_EQ(plan_scale({1, 2}, 0), (ScalePlan{{}, {2, 1}}));
}

using Picked = std::vector<std::size_t>;
constexpr RolloutMember kReady{Rolling::Todo, true};
constexpr RolloutMember kBroken{Rolling::Todo, false};
constexpr RolloutMember kActive{Rolling::Active, false};
constexpr RolloutMember kDone{Rolling::Done, true};
constexpr RolloutMember kDoneAndGone{Rolling::Done, false};

TEST(RolloutTest, TakesDownAsManyAsMayBeUnavailable) {
    const spec::RolloutSpec two{.max_unavailable = 2};
    EXPECT_EQ(next_to_replace({kReady, kReady, kReady}, two, false), (Picked{0, 1}));
    EXPECT_EQ(next_to_replace({kActive, kReady, kReady}, two, false), (Picked{1}));
    EXPECT_EQ(next_to_replace({kActive, kActive, kReady}, two, false), (Picked{}));
}

TEST(RolloutTest, ReplacesWhatIsBrokenAnywayAtOnce) {
    const spec::RolloutSpec one;
    EXPECT_EQ(next_to_replace({kReady, kBroken, kBroken}, one, false), (Picked{1, 2}));
}

TEST(RolloutTest, WaitsForADoneOneThatIsNotReadyAnyMore) {
    const spec::RolloutSpec one;
    EXPECT_EQ(next_to_replace({kDoneAndGone, kReady}, one, false), (Picked{}));
    EXPECT_EQ(next_to_replace({kDone, kReady}, one, false), (Picked{1}));
}

TEST(RolloutTest, OverlapCountsWhatIsBeingReplaced) {
    const spec::RolloutSpec one;
    const RolloutMember serving{Rolling::Active, true};
    EXPECT_EQ(next_to_replace({serving, kReady}, one, true), (Picked{}));
    EXPECT_EQ(next_to_replace({kDone, kReady, kReady}, one, true), (Picked{1}));
}

TEST(RolloutTest, AlwaysReplacesAtLeastOne) {
    const spec::RolloutSpec none{.max_unavailable = 0};
    EXPECT_EQ(next_to_replace({kReady}, none, false), (Picked{0}));
}

spec::App app_with(std::vector<spec::Service> services) {
    spec::App app{.name = "shop", .directory = "/srv/shop"};
    app.services = std::move(services);
    return app;
}

spec::Service service(const std::string& name, const std::string& program) {
    spec::Service result;
    result.name = name;
    result.command = spec::DirectCommand{{program}};
    return result;
}

TEST(ReloadPlanTest, AServiceMayTakeUpItsChangeAtItsNextStart) {
    spec::Service patient = service("web", "b");
    patient.on_change = spec::OnChange::NextStart;
    spec::Service changed = patient;
    changed.command = spec::DirectCommand{{"c"}};
    spec::App after = app_with({changed});
    after.environment["A"] = "1";
    EXPECT_EQ(plan_reload(app_with({patient}), after)[0].change, ServiceChange::Keep);
}

TEST(ReloadPlanTest, TouchesOnlyWhatChanged) {
    const spec::App before =
        app_with({service("clock", "a"), service("web", "b"), service("worker", "c")});
    const spec::App after =
        app_with({service("mailer", "x"), service("web", "b"), service("worker", "d")});
    EXPECT_EQ(plan_reload(before, after), (std::vector<ServiceStep>{
                                              {"clock", ServiceChange::Remove},
                                              {"mailer", ServiceChange::Add},
                                              {"web", ServiceChange::Keep},
                                              {"worker", ServiceChange::Replace},
                                          }));
}

TEST(ReloadPlanTest, RulesAppliedFromOutsideNeedNoNewProcess) {
    spec::Service changed = service("web", "b");
    changed.restart = spec::NoRestart{};
    changed.stop.steps = {{15, 1s}};
    changed.instances = 4;
    EXPECT_TRUE(is_same_process(service("web", "b"), changed));
    changed.environment["A"] = "1";
    EXPECT_FALSE(is_same_process(service("web", "b"), changed));
}

TEST(ReloadPlanTest, TheGroundOfTheAppConcernsEveryService) {
    const spec::App before = app_with({service("web", "b")});
    spec::App after = before;
    after.environment["A"] = "1";
    EXPECT_EQ(plan_reload(before, after)[0].change, ServiceChange::Replace);
    after = before;
    after.directory = "/srv/other";
    EXPECT_EQ(plan_reload(before, after)[0].change, ServiceChange::Replace);
    after = before;
    after.source = "/elsewhere/Procfile";
    EXPECT_EQ(plan_reload(before, after)[0].change, ServiceChange::Keep);
}

TEST(FormationTest, IsReadAsItWasWritten) {
    Formation formation;
    formation.scaled["we b"] = 3;
    formation.goals["we b"][{2, ""}] = status::Goal::Down;
    formation.goals["puma"][{0, "a key"}] = status::Goal::Unmonitored;
    EXPECT_EQ(formation_from_text(to_text(formation)), formation);
    EXPECT_EQ(to_text(formation), "scale we%20b 3\nunmonitored puma 0 a%20key\ndown we%20b 2\n");
}

TEST(FormationTest, SkipsWhatItDoesNotKnow) {
    const Formation formation = formation_from_text("paused web 1\nscale web x\nscale web 2\n\n");
    EXPECT_EQ(formation, (Formation{{{"web", 2}}, {}}));
}

TEST(StartBrakeTest, LetsRunsThroughInTheOrderOfTheirComing) {
    StartBrake brake(2);
    EXPECT_TRUE(brake.enter(1));
    EXPECT_TRUE(brake.enter(2));
    EXPECT_FALSE(brake.enter(3));
    EXPECT_FALSE(brake.enter(4));
    EXPECT_EQ(brake.admit(), std::nullopt);
    brake.leave(3);  // no longer wanted
    brake.leave(2);
    EXPECT_EQ(brake.admit(), RunId{4});
    EXPECT_EQ(brake.admit(), std::nullopt);
}

TEST(StartBrakeTest, NobodyOvertakesTheLine) {
    StartBrake brake(1);
    EXPECT_TRUE(brake.enter(1));
    EXPECT_FALSE(brake.enter(2));
    brake.leave(1);
    EXPECT_FALSE(brake.enter(3));
    EXPECT_EQ(brake.admit(), RunId{2});
}

}  // namespace
}  // namespace reeve::core
