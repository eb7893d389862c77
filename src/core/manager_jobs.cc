#include <algorithm>

#include "base/check.h"
#include "core/manager_impl.h"

// Starting and stopping jobs, by operators and by events, and what becomes of their instances.
// Source: upstart init/job_class.c, init/job.c.
namespace reeve::core {
namespace {

/// `web`, `puma (3)`: as messages name it.
std::string display_name(const Member& member) {
    return spec::instance_text(member.life.name());
}

bool is_about_a_job(Expect expect) {
    switch (expect) {
        case Expect::JobStarted:
        case Expect::JobStopped:
        case Expect::JobRestarted:
            return true;
        case Expect::Up:
        case Expect::Down:
        case Expect::Gone:
        case Expect::Replaced:
        case Expect::Switched:
        case Expect::SwitchedIn:
            return false;
    }
    CHECK(false);
}

/// Source: upstart init/job.c, job_finished.
std::string failure_of(Expect expect) {
    if (expect == Expect::JobStopped) return "Job failed while stopping";
    if (expect == Expect::JobRestarted) return "Job failed to restart";
    return "Job failed to start";
}

/// A main process that ended while a hook runs is not spoken of before the hook's end.
std::string reason_of_failure(const Instance& life) {
    const Rare<LifeFailure>& failure = life.job_life().failure;
    const bool is_of_main = failure && failure->process == "main" && failure->exit;
    return is_of_main ? status::to_text(*failure->exit) : life.reason();
}

}  // namespace

// ---- Instances.

Result<std::string> Manager::Impl::job_key(const spec::App& app, const spec::Service& service,
                                           const spec::Variables& variables) const {
    JobLife life;
    life.variables = variables;
    return spec::expand(service.job->instance, [&](const std::string& name) {
        return find_job_variable(service, app, life, name);
    });
}

/// The key of the instance that is meant. One that lives with an older configuration is known by
/// that one, too: its file may name instances in another way by now, or be gone.
Result<std::string> Manager::Impl::named_key(const AppState& app, const std::string& job,
                                             const spec::Variables& variables) const {
    const spec::Service* service = spec::find_service(*app.app, job);
    const bool configured = service != nullptr && service->job;
    Result<std::string> key = configured ? job_key(*app.app, *service, variables) : std::string();
    const auto state = app.services.find(job);
    if (state == app.services.end()) return key;
    const auto& members = state->second.members;
    const auto newest = key.ok() ? members.find({0, *key}) : members.end();
    if (newest != members.end() && newest->second->life.has_life()) return key;
    for (const auto& [name, member] : members) {
        const Instance& life = member->life;
        if (!life.is_job() || !life.has_life()) continue;
        const Result<std::string> own = job_key(*life.app(), life.service(), variables);
        if (own.ok() && *own == life.name().key) return own;
    }
    return key;
}

Member* Manager::Impl::find_job(AppState& app, const std::string& job,
                                const std::string& key) const {
    const auto service = app.services.find(job);
    if (service == app.services.end()) return nullptr;
    const auto member = service->second.members.find({0, key});
    return member == service->second.members.end() ? nullptr : member->second.get();
}

Member& Manager::Impl::obtain_job(Turn& turn, AppState& app, const spec::Service& service,
                                  const std::string& key) {
    if (Member* member = find_job(app, service.name, key)) return *member;
    return add_member(turn, app, service, {0, key}, status::Goal::Down);
}

/// Instances with names come with a start and go with its end; the others only when their job is
/// no longer configured.
bool Manager::Impl::leaves_with_its_life(const Member& member) const {
    const Instance& life = member.life;
    if (!life.is_job() || life.has_life() || !life.runs().empty()) return false;
    return member.orphaned || !life.name().key.empty() || !life.service().job->instance.empty();
}

/// A job whose life is over listens to nothing; one with a new configuration listens anew.
void Manager::Impl::settle_job(Turn&, Member& member) {
    const bool listens_on = member.life.has_life() && member.listens_as == &member.life.service();
    if (listens_on) return;
    reset_latches(member.stop_latches);
    member.listens_as = &member.life.service();
}

void Manager::Impl::release_events(Member& member, bool failed) {
    for (const EventId id : std::exchange(member.holds, {}))
        events_.release(id, failed);
}

/// The job is where it was wanted, or has failed: nobody need wait for it any longer.
void Manager::Impl::finish_job(Turn& turn, Member& member, bool failed) {
    release_events(member, failed);
    for (std::size_t i = 0; i < member.waits.size();) {
        const Wait wait = member.waits[i];
        if (!is_about_a_job(wait.expect)) {
            ++i;
            continue;
        }
        member.waits.erase(member.waits.begin() + static_cast<std::ptrdiff_t>(i));
        std::optional<std::string> problem;
        if (failed) {
            problem = spec::to_text(member.life.name()) + ": " + failure_of(wait.expect) + " (" +
                      reason_of_failure(member.life) + ")";
        }
        operations_.settle(wait.operation, problem, turn.now, turn.out);
    }
    touch(member);
}

// ---- Commands.

void Manager::Impl::run_command(Turn& turn, OperationId id, const SharedCause& cause,
                                const JobCommand& command) {
    const Result<void> valid = spec::validate(command.variables);
    if (!valid.ok()) return refuse(turn, id, Refusal::Invalid, valid.error().message);
    const auto app = apps_.find(command.app);
    const spec::Service* service =
        app == apps_.end() ? nullptr : spec::find_service(*app->second.app, command.job);
    const bool configured = service != nullptr && service->job && !app->second.unloading;
    const bool starts = command.verb == JobCommand::Verb::Start;
    Result<std::string> key = command.key.value_or("");
    if (!command.key && configured && starts) {
        key = job_key(*app->second.app, *service, command.variables);
    } else if (!command.key && app != apps_.end()) {
        key = named_key(app->second, command.job, command.variables);
    }
    if (!key.ok()) return refuse(turn, id, Refusal::Invalid, key.error().message);
    Member* member = app == apps_.end() ? nullptr : find_job(app->second, command.job, *key);
    // One whose service is no job any more, or is being unloaded, is only on its way out.
    const bool is_job = member != nullptr && member->life.is_job() && !member->life.is_removing();
    if (!configured && !is_job) {
        return refuse(turn, id, Refusal::NoSuchTarget, "Unknown job: " + command.job);
    }
    if (starts && configured) member = &obtain_job(turn, app->second, *service, *key);
    const bool there = member != nullptr && (starts || member->life.has_life());
    if (!there) return refuse(turn, id, Refusal::NoSuchTarget, "Unknown instance: " + *key);
    switch (command.verb) {
        case JobCommand::Verb::Start:
            return start_job(turn, id, cause, *member, command.variables);
        case JobCommand::Verb::Stop:
            return stop_job(turn, id, cause, *member, command.variables);
        case JobCommand::Verb::Restart:
            return restart_job(turn, id, cause, *member, command.variables);
        case JobCommand::Verb::Reload:
            return reload_job(turn, id, cause, *member);
    }
}

void Manager::Impl::start_job(Turn& turn, OperationId id, const SharedCause& cause, Member& member,
                              const spec::Variables& variables) {
    if (member.life.is_start_wanted()) {
        return refuse(turn, id, Refusal::Invalid,
                      "Job is already running: " + display_name(member));
    }
    accept(turn, id, "started", {&member});
    begin_job_start(turn, id, cause, member, variables);
}

void Manager::Impl::begin_job_start(Turn& turn, OperationId id, const SharedCause& cause,
                                    Member& member, const spec::Variables& variables) {
    if (member.life.is_start_wanted()) {
        if (!member.life.is_serving()) wait(member, id, Expect::JobStarted);
        return;
    }
    finish_job(turn, member, false);
    member.life.set_start_variables(variables);
    member.life.start(turn, cause, "start asked for");
    wait(member, id, Expect::JobStarted);
}

void Manager::Impl::stop_job(Turn& turn, OperationId id, const SharedCause& cause, Member& member,
                             const spec::Variables& variables) {
    if (!member.life.is_start_wanted()) {
        return refuse(turn, id, Refusal::Invalid,
                      "Job has already been stopped: " + display_name(member));
    }
    accept(turn, id, "stopped", {&member});
    begin_job_stop(turn, id, cause, member, variables);
}

void Manager::Impl::begin_job_stop(Turn& turn, OperationId id, const SharedCause& cause,
                                   Member& member, const spec::Variables& variables) {
    const bool has_life = member.life.has_life();
    if (member.life.is_start_wanted()) {
        finish_job(turn, member, false);
        member.life.set_stop_variables(variables);
    }
    member.life.stop(turn, cause, "stop asked for");
    if (has_life) wait(member, id, Expect::JobStopped);
    touch(member);
}

/// With what it was started with, changed by what is given now; and with its newest configuration.
void Manager::Impl::restart_job(Turn& turn, OperationId id, const SharedCause& cause,
                                Member& member, const spec::Variables& variables) {
    if (!member.life.is_start_wanted()) {
        return refuse(turn, id, Refusal::NoSuchTarget,
                      "Unknown instance: " + member.life.name().key);
    }
    accept(turn, id, "restarted", {&member});
    begin_job_restart(turn, id, cause, member, variables);
}

void Manager::Impl::begin_job_restart(Turn& turn, OperationId id, const SharedCause& cause,
                                      Member& member, const spec::Variables& variables) {
    finish_job(turn, member, false);
    spec::Variables merged = member.life.job_life().variables;
    for (const spec::Variable& variable : variables)
        spec::set_variable(merged, variable);
    member.life.set_start_variables(std::move(merged));
    member.life.restart_job(turn, cause, "restart asked for");
    wait(member, id, Expect::JobRestarted);
}

/// Source: upstart init/job.c, job_reload.
void Manager::Impl::reload_job(Turn& turn, OperationId id, const SharedCause& cause,
                               Member& member) {
    accept(turn, id, "reloaded", {&member});
    if (member.life.reload(turn, cause)) return;
    operations_.note_problem(id, "Job is not running: " + display_name(member));
}

void Manager::Impl::run_command(Turn& turn, OperationId id, const SharedCause&,
                                const SetVariables& command) {
    const Result<void> valid = spec::validate(command.set);
    if (!valid.ok()) return refuse(turn, id, Refusal::Invalid, valid.error().message);
    const auto found = apps_.find(command.app);
    if (found == apps_.end()) {
        return refuse(turn, id, Refusal::NoSuchTarget, "no such app: " + command.app);
    }
    AppState& app = found->second;
    std::vector<Member*> members;
    if (command.job.empty()) {
        members = members_of(app);
    } else if (Member* member = find_job(app, command.job, command.key)) {
        members.push_back(member);
    } else {
        return refuse(turn, id, Refusal::NoSuchTarget, "Unknown job: " + command.job);
    }
    spec::Variables table = command.reset ? spec::Variables{} : app.job_variables;
    for (const spec::Variable& variable : command.set) {
        const bool is_set = spec::find_variable(table, variable.name) != nullptr;
        if (!is_set || !command.keep_existing) spec::set_variable(table, variable);
    }
    for (const std::string& name : command.unset) {
        std::erase_if(table, [&](const spec::Variable& v) { return v.name == name; });
    }
    const Result<void> fits = spec::validate(table);
    if (!fits.ok()) return refuse(turn, id, Refusal::Invalid, fits.error().message);
    accept(turn, id, "set variables of", members);
    if (command.job.empty()) app.job_variables = std::move(table);
    dirty_apps_.insert(command.app);
    for (Member* member : members) {
        if (!member->life.is_job() || !member->life.has_life()) continue;
        member->life.change_variables(command.set, command.unset, command.keep_existing);
        touch(*member);
    }
}

// ---- Configuration. Nothing is started or stopped by it.

/// A job without instances of its own making has one, which waits; any other one hears events, too.
void Manager::Impl::load_job(Turn& turn, AppState& app, const spec::Service& service) {
    app.services.try_emplace(service.name);
    if (service.job->instance.empty()) obtain_job(turn, app, service, "");
}

/// One service of an app whose spec has changed, before or after which it is a job: what runs keeps
/// what it was started with, what has come so far is kept, and the new one is for the next start.
void Manager::Impl::reload_jobs(Turn& turn, const SharedCause& cause, AppState& app,
                                const spec::App& before, const std::string& name) {
    ServiceState& state = app.services[name];
    const spec::Service* old = spec::find_service(before, name);
    const spec::Service* now = spec::find_service(*app.app, name);
    const bool was_heard = old != nullptr && old->job && old->job->start_on;
    const bool is_heard = now != nullptr && now->job && now->job->start_on;
    Latches carried;
    if (was_heard && is_heard) {
        carried = carried_over(*old->job->start_on, state.start_latches, *now->job->start_on);
        for (const EventId id : carried) {
            if (id != 0) events_.hold(id);
        }
    }
    reset_latches(state.start_latches);
    state.start_latches = std::move(carried);
    for (auto& [key, member] : state.members) {
        if (!member->life.is_job()) continue;  // of before it was a job, and on its way out
        touch(*member);
        member->orphaned = now == nullptr;
        if (now == nullptr) continue;
        if (member->life.is_removing()) member->life.stop(turn, cause, "configured again");
        member->life.adopt_spec_later(app.app, now);
    }
    if (now != nullptr) load_job(turn, app, *now);
}

/// A service that has become a job, or is none any more: what there was of it goes.
void Manager::Impl::change_kind(Turn& turn, OperationId id, const SharedCause& cause, AppState& app,
                                const spec::Service& service, bool up) {
    ServiceState& state = app.services[service.name];
    reset_latches(state.start_latches);
    state.scaled.reset();
    for (auto& [key, member] : state.members) {
        member->life.remove(turn, cause, "its configuration changed");
        wait(*member, id, Expect::Gone);
    }
    if (service.job) return load_job(turn, app, service);
    scale_service(turn, id, cause, app, service, up ? status::Goal::Up : status::Goal::Down);
}

// ---- The end.

bool Manager::Impl::has_jobs() const {
    return std::any_of(apps_.begin(), apps_.end(), [](const auto& entry) {
        const std::vector<spec::Service>& services = entry.second.app->services;
        return std::any_of(services.begin(), services.end(),
                           [](const spec::Service& service) { return service.job.has_value(); });
    });
}

void Manager::Impl::say_farewell(Turn& turn, OperationId id, const SharedCause& cause,
                                 const spec::NamedEvent& event) {
    operations_.accept(id, "stopped", turn.now);
    operations_.wait_for(id);
    farewell_ = Farewell{emit(event, cause), id, cause, turn.now + kFarewellPatience};
}

void Manager::Impl::end_farewell(Turn& turn) {
    const Farewell farewell = *std::exchange(farewell_, std::nullopt);
    stop_everything(turn, farewell.operation, farewell.cause);
    operations_.settle(farewell.operation, std::nullopt, turn.now, turn.out);
}

}  // namespace reeve::core
