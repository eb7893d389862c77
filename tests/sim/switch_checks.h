#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "core/action.h"
#include "core/event.h"
#include "spec/app.h"
#include "status/instance.h"

namespace reeve::sim {

/// Loads that are all or nothing: nothing that runs is taken down before everything new is ready,
/// and what is kept on disk is the old configuration until then.
class SwitchChecks {
public:
    using Instances = std::map<spec::InstanceName, status::Instance>;

    /// `before` and `after` are the instances around the event. Returns the first breach, or
    /// nothing.
    std::string after_event(const core::Event& event, const core::Actions& actions,
                            const Instances& before, const Instances& after);

    /// The daemon forgot its latest step, or may have given answers that were not seen here.
    void forget() { switches_.clear(); }

private:
    struct Switch {
        std::shared_ptr<const spec::App> wanted;
        std::set<spec::InstanceName> serving;  // when it began
        std::set<spec::InstanceName> there;
    };
    void note_command(const core::Command& command, const core::Actions& actions,
                      const Instances& before);
    static std::string judge(const Switch& change, const Instances& after);

    std::map<std::string, Switch> switches_;
    std::set<core::OperationId> seen_;  // by app
};

}  // namespace reeve::sim
