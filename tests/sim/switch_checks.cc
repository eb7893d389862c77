#include "sim/switch_checks.h"

#include <algorithm>

namespace reeve::sim {
namespace {

const core::PersistApp* find_persisted(const core::Actions& actions, const std::string& app) {
    for (const core::Action& action : actions) {
        const auto* persist = std::get_if<core::PersistApp>(&action);
        if (persist != nullptr && persist->app == app) return persist;
    }
    return nullptr;
}

bool is_accepted(const core::Actions& actions, core::OperationId operation) {
    return std::any_of(actions.begin(), actions.end(), [&](const core::Action& action) {
        const auto* accepted = std::get_if<core::Accepted>(&action);
        return accepted != nullptr && accepted->operation == operation;
    });
}

/// Which app's members the command may move; every one: "".
std::string app_of(const core::CommandKind& kind) {
    if (const auto* load = std::get_if<core::LoadApp>(&kind)) return load->app->name;
    if (const auto* unload = std::get_if<core::UnloadApp>(&kind)) return unload->app;
    if (const auto* scale = std::get_if<core::Scale>(&kind)) return scale->app;
    return "";
}

}  // namespace

std::string SwitchChecks::after_event(const core::Event& event, const core::Actions& actions,
                                      const Instances& before, const Instances& after) {
    if (const auto* command = std::get_if<core::Command>(&event)) {
        note_command(*command, actions, before);
        return "";
    }
    std::string breach;
    for (auto change = switches_.begin(); change != switches_.end();) {
        if (find_persisted(actions, change->first) != nullptr) {
            if (breach.empty()) breach = judge(change->second, after);
            change = switches_.erase(change);
            continue;
        }
        for (const core::Action& action : actions) {
            const auto* record = std::get_if<core::RecordTransition>(&action);
            const bool taken_down = record != nullptr &&
                                    record->transition.from == status::State::Running &&
                                    record->transition.to == status::State::Stopping &&
                                    change->second.serving.contains(record->transition.instance);
            const bool by_switch =
                taken_down && (record->transition.reason == "a new release" ||
                               record->transition.reason == "no longer configured");
            if (!by_switch) continue;
            breach = spec::to_text(record->transition.instance) +
                     " is taken down before everything new is ready";
        }
        ++change;
    }
    return breach;
}

/// A command to what takes part in a switch may end it; afterwards it is judged no more.
void SwitchChecks::note_command(const core::Command& command, const core::Actions& actions,
                                const Instances& before) {
    const std::string app = app_of(command.kind);
    if (app.empty()) return switches_.clear();
    switches_.erase(app);
    const auto* load = std::get_if<core::LoadApp>(&command.kind);
    // What is told again begins nothing.
    const bool is_new = seen_.insert(command.operation).second;
    const bool begins = load != nullptr && load->together && is_new &&
                        is_accepted(actions, command.operation) &&
                        find_persisted(actions, app) == nullptr;
    if (!begins) return;
    Switch& change = switches_[app];
    change.wanted = load->app;
    for (const auto& [name, instance] : before) {
        if (name.app != app) continue;
        change.there.insert(name);
        if (instance.state == status::State::Running) change.serving.insert(name);
    }
}

/// Everything that was not there before is ready, or was stopped by a check meanwhile.
std::string SwitchChecks::judge(const Switch& change, const Instances& after) {
    for (const auto& [name, instance] : after) {
        const bool is_new = name.app == change.wanted->name && !change.there.contains(name);
        if (!is_new || instance.goal != status::Goal::Up) continue;
        if (instance.state == status::State::Running) continue;
        return spec::to_text(name) + " is " + to_text(instance.state) +
               " when everything is switched to it";
    }
    return "";
}

}  // namespace reeve::sim
