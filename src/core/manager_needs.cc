#include <algorithm>

#include "core/manager_impl.h"

// Who waits for whom: whether needs are met, and who is told when something that is needed moves.
namespace reeve::core {
namespace {

bool is_under_way(status::State state) {
    return state != status::State::Stopped && state != status::State::Failed;
}

}  // namespace

std::optional<MissingNeed> Manager::Impl::missing(const spec::App& app,
                                                  const spec::Service& service) const {
    for (const spec::Need& need : service.needs) {
        const std::string text = "needs " + spec::to_text(need) + ", which ";
        const auto found = apps_.find(need.app.empty() ? app.name : need.app);
        if (found == apps_.end()) return MissingNeed{text + "is not loaded", true};
        std::optional<MissingNeed> problem = need.service.empty()
                                                 ? missing_app(found->second)
                                                 : missing_service(found->second, need.service);
        if (problem) return MissingNeed{text + problem->text, problem->in_vain};
    }
    return std::nullopt;
}

/// One ready instance is enough: a roll-out of what is needed holds up nobody.
std::optional<MissingNeed> Manager::Impl::missing_service(const AppState& app,
                                                          const std::string& name) const {
    const auto service = app.services.find(name);
    const bool none = service == app.services.end() || service->second.members.empty();
    if (none) return MissingNeed{"has no instance", true};
    const Member* shown = nullptr;
    for (const auto& [key, member] : service->second.members) {
        if (member->life.is_ready()) return std::nullopt;
        if (shown == nullptr || is_under_way(member->life.state())) shown = member.get();
    }
    const bool serves = shown->life.is_serving();
    return MissingNeed{serves ? "is not ready" : "is " + to_text(shown->life.state()),
                       !is_under_way(shown->life.state())};
}

std::optional<MissingNeed> Manager::Impl::missing_app(const AppState& app) const {
    bool any_up = false;
    for (const auto& [name, service] : app.services) {
        const bool up = std::any_of(
            service.members.begin(), service.members.end(),
            [](const auto& entry) { return entry.second->life.goal() == status::Goal::Up; });
        if (!up) continue;
        any_up = true;
        if (std::optional<MissingNeed> problem = missing_service(app, name)) return problem;
    }
    if (any_up) return std::nullopt;
    return MissingNeed{"is stopped", true};
}

/// The circle that the app would close, or nothing.
std::string Manager::Impl::find_need_cycle(const spec::App& fresh) const {
    spec::NeedGraph graph;
    const auto add = [&](const spec::App& app) {
        for (const spec::Service& service : app.services) {
            for (const spec::Need& need : service.needs) {
                const std::string name = need.app.empty() ? app.name : need.app;
                std::vector<std::string>& edges = graph[app.name + "/" + service.name];
                if (!need.service.empty()) {
                    edges.push_back(name + "/" + need.service);
                    continue;
                }
                const auto other = apps_.find(name);
                const spec::App* needed = name == fresh.name     ? &fresh
                                          : other == apps_.end() ? nullptr
                                                                 : other->second.app.get();
                if (needed == nullptr) continue;
                for (const spec::Service& each : needed->services)
                    edges.push_back(name + "/" + each.name);
            }
        }
    };
    for (const auto& [name, app] : apps_) {
        if (name != fresh.name) add(*app.app);
    }
    add(fresh);
    return spec::find_cycle(graph);
}

/// Who is to be told when something moves; called when the app's spec changes or it goes.
void Manager::Impl::index_needs(const std::string& name) {
    for (const NeedKey& key : needs_of_[name]) {
        const auto needed = needed_by_.find(key);
        if (needed == needed_by_.end()) continue;
        std::erase_if(needed->second, [&](const auto& user) { return user.first == name; });
        if (needed->second.empty()) needed_by_.erase(needed);
    }
    needs_of_.erase(name);
    const auto app = apps_.find(name);
    if (app == apps_.end()) return;
    for (const spec::Service& service : app->second.app->services) {
        for (const spec::Need& need : service.needs) {
            const NeedKey key{need.app.empty() ? name : need.app, need.service};
            needed_by_[key].insert({name, service.name});
            needs_of_[name].push_back(key);
        }
    }
}

/// Tells those who need it that a member has changed its state, its readiness, or its goal: an app
/// that is needed is as good as those of its services that are wanted.
void Manager::Impl::tell_dependents(Turn& turn, Member& member) {
    const status::State state = member.life.state();
    const bool ready = member.life.is_ready();
    const status::Goal goal = member.life.goal();
    const bool moved =
        member.noted_state != state || member.noted_ready != ready || member.noted_goal != goal;
    const bool became_ready = ready && !member.noted_ready;
    member.noted_state = state;
    member.noted_goal = goal;
    member.noted_ready = ready;
    if (moved) move_dependents(turn, member.life.name(), became_ready);
}

void Manager::Impl::move_dependents(Turn& turn, const spec::InstanceName& name, bool became_ready) {
    for (const NeedKey& key : {NeedKey{name.app, name.service}, NeedKey{name.app, ""}}) {
        const auto needed = needed_by_.find(key);
        if (needed == needed_by_.end()) continue;
        for (const auto& [app_name, service_name] : needed->second) {
            const auto app = apps_.find(app_name);
            if (app == apps_.end()) continue;
            const auto service = app->second.services.find(service_name);
            if (service == app->second.services.end()) continue;
            for (auto& [index, member] : service->second.members) {
                const std::string what =
                    name.app == app_name ? name.service : name.app + "/" + name.service;
                if (!member->life.need_moved(turn, became_ready, what + " is ready")) continue;
                touch(*member);
            }
        }
    }
}

}  // namespace reeve::core
