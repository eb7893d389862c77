#include "core/deploy.h"

#include <gtest/gtest.h>
#include <vector>

namespace reeve::core {
namespace {

const DeployPlan kAll{true, true, true, true, true, true};

std::vector<DeployStage> stages_of(Deploy deploy, const DeployPlan& plan) {
    std::vector<DeployStage> stages;
    while (const DeployStage* stage = std::get_if<DeployStage>(&deploy.step())) {
        stages.push_back(*stage);
        if (*stage == DeployStage::Validate) deploy.set_plan(plan);
        deploy.stage_done();
    }
    return stages;
}

TEST(DeployTest, GoesThroughItsStagesInTheirOrder) {
    using enum DeployStage;
    EXPECT_EQ(
        stages_of(Deploy::begin(true), kAll),
        (std::vector{Fetch, Validate, Build, Predeploy, Release, FirstDeploy, Start, Postdeploy}));
    EXPECT_EQ(stages_of(Deploy::begin(false), {}), (std::vector{Validate, Start}));
}

TEST(DeployTest, WithoutAStartNothingThatNeedsOneIsDone) {
    using enum DeployStage;
    DeployPlan plan = kAll;
    plan.starts = false;
    EXPECT_EQ(stages_of(Deploy::begin(false), plan),
              (std::vector{Validate, Build, Predeploy, Release}));
}

TEST(DeployTest, AFailureEndsItAndSaysWhetherAnythingWasSwitched) {
    Deploy early = Deploy::begin(true);
    early.stage_failed("exited with code 3");
    const auto& outcome = std::get<DeployOutcome>(early.step());
    EXPECT_FALSE(outcome.ok);
    EXPECT_EQ(outcome.stage, DeployStage::Fetch);
    EXPECT_EQ(outcome.reason, "exited with code 3");
    EXPECT_FALSE(outcome.switched);

    Deploy late = Deploy::resume(kAll);
    late.stage_done();
    EXPECT_EQ(std::get<DeployStage>(late.step()), DeployStage::Postdeploy);
    late.stage_failed("no");
    EXPECT_TRUE(std::get<DeployOutcome>(late.step()).switched);
}

TEST(DeployTest, ASuccessHasSwitched) {
    Deploy deploy = Deploy::resume({});
    deploy.stage_done();
    const auto& outcome = std::get<DeployOutcome>(deploy.step());
    EXPECT_TRUE(outcome.ok);
    EXPECT_TRUE(outcome.switched);
}

TEST(DeployTest, EveryStageHasAName) {
    EXPECT_EQ(to_text(DeployStage::Build), "build");
    EXPECT_EQ(to_text(DeployStage::FirstDeploy), "first deploy");
}

}  // namespace
}  // namespace reeve::core
