#include "core/manager.h"

#include <algorithm>

#include "base/check.h"
#include "core/manager_impl.h"

namespace reeve::core {

// ---- The door.

Manager::Manager(ManagerSettings settings) : impl_(std::make_unique<Impl>(settings)) {}
Manager::~Manager() = default;
Manager::Manager(Manager&&) noexcept = default;
Manager& Manager::operator=(Manager&&) noexcept = default;

Result<Manager> Manager::restore(ManagerSettings settings, const std::vector<Record>& records,
                                 TimePoint now, Actions& out) {
    Manager manager(settings);
    TRY(manager.impl_->restore(records, now, out));
    return manager;
}

void Manager::handle(const Event& event, TimePoint now, Actions& out) {
    impl_->handle(event, now, out);
}

Deadline Manager::deadline() const {
    return impl_->deadline();
}

void Manager::take_changes(std::vector<Record>& out) {
    impl_->take_changes(out);
}

void Manager::performed(std::vector<Record>& out) {
    impl_->performed(out);
}

void Manager::all_records(std::vector<Record>& out) const {
    impl_->all_records(out);
}

void Manager::visit_instances(const std::vector<spec::Target>& targets,
                              const std::function<void(status::Instance&)>& visit) const {
    impl_->visit_instances(targets, visit);
}

std::vector<status::App> Manager::apps() const {
    return impl_->apps();
}

Result<status::Jobs> Manager::jobs(const status::JobQuery& query) const {
    return impl_->jobs(query);
}

std::shared_ptr<const spec::App> Manager::find_app(const std::string& name) const {
    return impl_->find_app(name);
}

std::vector<std::string> Manager::draining_apps() {
    return impl_->draining_apps();
}

bool Manager::is_shutting_down() const {
    return impl_->is_shutting_down();
}

bool Manager::shut_down() const {
    return impl_->shut_down();
}

// ---- Events.

namespace {

template <typename... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

std::string format_name(spec::Format format) {
    switch (format) {
        case spec::Format::Procfile:
            return "procfile";
        case spec::Format::Native:
            return "native";
        case spec::Format::Bluepill:
            return "bluepill";
        case spec::Format::Upstart:
            return "upstart";
    }
    CHECK(false);
}

}  // namespace

Manager::Impl::Impl(ManagerSettings settings)
    : settings_(settings),
      random_(settings.seed),
      brake_(settings.spawning_max),
      runs_(settings.epoch) {}

Turn Manager::Impl::make_turn(TimePoint now, Actions& out) {
    return Turn{now, out, random_, brake_, runs_, *this, last_cause_, news_, shutting_down_};
}

void Manager::Impl::handle(const Event& event, TimePoint now, Actions& out) {
    const std::size_t before = out.size();
    Turn turn = make_turn(now, out);
    std::visit(Overloaded{[&](const TimePassed&) { time_passed(turn); },
                          [&](const Spawned& f) { fact(turn, f, &Instance::spawned); },
                          [&](const Executed& f) { fact(turn, f, &Instance::executed); },
                          [&](const SpawnFailed& f) { fact(turn, f, &Instance::spawn_failed); },
                          [&](const SpawnOverdue& f) { fact(turn, f, &Instance::spawn_overdue); },
                          [&](const Exited& f) { fact(turn, f, &Instance::exited); },
                          [&](const RunEmptied& f) { fact(turn, f, &Instance::emptied); },
                          [&](const Ready& f) { fact(turn, f, &Instance::ready); },
                          [&](const Sampled& f) { fact(turn, f, &Instance::sampled); },
                          [&](const NotifySaid& f) { fact(turn, f, &Instance::notify_said); },
                          [&](const RunLost& f) { fact(turn, f, &Instance::lost); },
                          [&](const MainFound& f) { fact(turn, f, &Instance::main_found); },
                          [&](const FoundRunning& f) { fact(turn, f, &Instance::found_running); },
                          [&](const NothingRuns& f) { fact(turn, f, &Instance::nothing_runs); },
                          [&](const Command& c) { command(turn, c); },
                          [&](const RestoreApp& r) { restore_app(turn, r); },
                          [&](const Happened& h) { happened(turn, h); },
                          [&](const EventSequence& s) { begin_sequence(turn, s); },
                          [&](const TrafficGone& gone) { traffic_gone(turn, gone); }},
               event);
    settle(turn);
    for (std::size_t i = before; i < out.size(); ++i) {
        if (SpawnRun* spawn = std::get_if<SpawnRun>(&out[i])) {
            if (spawn->service->job)
                spawn->base_variables = apps_.at(spawn->app->name).job_variables;
        }
        if (belongs_in_outbox(out[i])) outbox_.push_back(out[i]);
    }
}

template <typename Fact>
void Manager::Impl::fact(Turn& turn, const Fact& fact,
                         void (Instance::*handler)(Turn&, const Fact&)) {
    const InstanceId* owner = runs_.find(fact.run);
    if (owner == nullptr) {
        turn.out.push_back(ReapRun{fact.run});
        return;
    }
    Member& member = member_of(*owner);
    (member.life.*handler)(turn, fact);
    touch(member);
}

void Manager::Impl::time_passed(Turn& turn) {
    while (!deadlines_.empty() && deadlines_.begin()->first <= turn.now) {
        Member& member = member_of(deadlines_.begin()->second);
        member.life.time_passed(turn);
        reindex(member);
        touch(member);
    }
    events_due(turn);
}

void Manager::Impl::traffic_gone(Turn& turn, const TrafficGone& fact) {
    const auto app = apps_.find(fact.app);
    if (app == apps_.end()) return;
    for (Member* member : members_of(app->second)) {
        if (!member->life.awaits_proxy()) continue;
        member->life.traffic_gone(turn);
        touch(*member);
    }
}

/// Those that wait no more are forgotten here.
std::vector<std::string> Manager::Impl::draining_apps() {
    std::erase_if(draining_, [this](const std::string& name) {
        const auto app = apps_.find(name);
        if (app == apps_.end()) return true;
        const std::vector<Member*> members = members_of(app->second);
        return std::none_of(members.begin(), members.end(),
                            [](const Member* member) { return member->life.awaits_proxy(); });
    });
    return {draining_.begin(), draining_.end()};
}

Deadline Manager::Impl::deadline() const {
    if (deadlines_.empty()) return events_deadline();
    return earliest(events_deadline(), deadlines_.begin()->first);
}

void Manager::Impl::reindex(Member& member) {
    if (member.life.awaits_proxy()) draining_.insert(member.life.name().app);
    const Deadline deadline = member.life.deadline();
    if (deadline == member.indexed) return;
    if (member.indexed) deadlines_.erase({*member.indexed, member.life.id()});
    if (deadline) deadlines_.emplace(*deadline, member.life.id());
    member.indexed = deadline;
}

void Manager::Impl::touch(Member& member) {
    if (member.touched) return;
    member.touched = true;
    touched_.push_back(member.life.id());
}

// ---- What is seen.

void Manager::Impl::visit_instances(const std::vector<spec::Target>& targets,
                                    const std::function<void(status::Instance&)>& visit) const {
    for_each_member([&](const Member& member) {
        const bool wanted =
            targets.empty() ||
            std::any_of(targets.begin(), targets.end(), [&](const spec::Target& target) {
                return spec::matches(target, member.life.name());
            });
        if (!wanted) return;
        status::Instance seen = member.life.status();
        seen.held = is_held(member);
        visit(seen);
    });
}

std::vector<status::App> Manager::Impl::apps() const {
    std::vector<status::App> seen;
    for (const auto& [name, state] : apps_) {
        status::App app;
        app.name = name;
        app.format = format_name(state.app->format);
        app.source = state.app->source;
        app.directory = state.app->directory;
        app.formation_fixed = state.app->formation_fixed;
        for (const auto& [service_name, service] : state.services) {
            status::App::Formation formation{service_name, 0, 0};
            for (const auto& [key, member] : service.members) {
                const bool rests = member->life.is_job() && !member->life.is_start_wanted();
                if (!member->life.is_removing() && !rests) ++formation.wanted;
                if (member->life.is_serving()) ++formation.running;
            }
            app.formation.push_back(formation);
        }
        seen.push_back(std::move(app));
    }
    return seen;
}

std::shared_ptr<const spec::App> Manager::Impl::find_app(const std::string& name) const {
    const auto found = apps_.find(name);
    return found == apps_.end() ? nullptr : found->second.app;
}

}  // namespace reeve::core
