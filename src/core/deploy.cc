#include "core/deploy.h"

#include "base/check.h"

namespace reeve::core {

std::string_view to_text(DeployStage stage) {
    switch (stage) {
        case DeployStage::Fetch:
            return "fetch";
        case DeployStage::Validate:
            return "validate";
        case DeployStage::Build:
            return "build";
        case DeployStage::Predeploy:
            return "predeploy";
        case DeployStage::Release:
            return "release";
        case DeployStage::FirstDeploy:
            return "first deploy";
        case DeployStage::Start:
            return "start";
        case DeployStage::Postdeploy:
            return "postdeploy";
    }
    CHECK(false);
}

Deploy Deploy::resume(const DeployPlan& plan) {
    Deploy deploy(false);
    deploy.plan_ = plan;
    deploy.step_ = DeployStage::Start;
    return deploy;
}

bool Deploy::has(DeployStage stage) const {
    switch (stage) {
        case DeployStage::Fetch:
        case DeployStage::Validate:
            return true;
        case DeployStage::Build:
            return plan_.builds;
        case DeployStage::Predeploy:
            return plan_.predeploys;
        case DeployStage::Release:
            return plan_.releases;
        case DeployStage::FirstDeploy:
            return plan_.is_first && plan_.starts;
        case DeployStage::Start:
            return plan_.starts;
        case DeployStage::Postdeploy:
            return plan_.postdeploys && plan_.starts;
    }
    CHECK(false);
}

void Deploy::stage_done() {
    const DeployStage* stage = std::get_if<DeployStage>(&step_);
    CHECK(stage != nullptr);
    switched_ = switched_ || *stage == DeployStage::Start;
    for (int next = static_cast<int>(*stage) + 1; next <= static_cast<int>(DeployStage::Postdeploy);
         ++next) {
        const auto candidate = static_cast<DeployStage>(next);
        if (!has(candidate)) continue;
        step_ = candidate;
        return;
    }
    step_ = DeployOutcome{true, DeployStage::Postdeploy, "", switched_};
}

void Deploy::stage_failed(const std::string& reason) {
    const DeployStage* stage = std::get_if<DeployStage>(&step_);
    CHECK(stage != nullptr);
    step_ = DeployOutcome{false, *stage, reason, switched_};
}

}  // namespace reeve::core
