#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace reeve::core {

/// The stages of a deploy, in their order. What runs is touched by Start only.
enum class DeployStage {
    Fetch,        // the source is brought in
    Validate,     // it is read: which stages there are is known afterwards
    Build,        // the release's code is made
    Predeploy,    // commands in the new release, before anything of it is started …
    Release,      // … once for each release …
    FirstDeploy,  // … and once for each app
    Start,        // everything new is started, checked, and switched to, or nothing is
    Postdeploy    // after the switch
};

/// `fetch`, `build`: for messages.
std::string_view to_text(DeployStage stage);

/// Which stages a deploy has. There is always a Validate and a Start.
struct DeployPlan {
    bool builds = false;
    bool predeploys = false;
    bool releases = false;
    bool is_first = false;  // FirstDeploy
    bool starts = true;     // false: `skip-deploy`, everything but what comes after the release
    bool postdeploys = false;
};

/// What a deploy has come to.
struct DeployOutcome {
    bool ok = true;
    DeployStage stage = DeployStage::Postdeploy;  // that failed
    std::string reason;                           // why it failed
    bool switched = false;                        // the new release runs
};

/// One deploy: decides which stage comes next, and what a failure means. No I/O, no clock: whoever
/// owns it carries the stage out and says how it ended.
class Deploy {
public:
    using Step = std::variant<DeployStage, DeployOutcome>;

    /// The first step. Without a fetch the source is there already.
    static Deploy begin(bool fetches) { return Deploy(fetches); }
    /// A deploy whose daemon was replaced while it started: it goes on there.
    static Deploy resume(const DeployPlan& plan);

    /// What is to be done now.
    const Step& step() const { return step_; }

    /// Known when Validate ends, before `stage_done`.
    void set_plan(const DeployPlan& plan) { plan_ = plan; }

    /// The present stage ended as it should: on to the next.
    void stage_done();
    /// It did not: nothing that comes later is done.
    void stage_failed(const std::string& reason);

private:
    explicit Deploy(bool fetches) : step_(fetches ? DeployStage::Fetch : DeployStage::Validate) {}
    bool has(DeployStage stage) const;

    DeployPlan plan_;
    Step step_;
    bool switched_ = false;
};

}  // namespace reeve::core
