#include <errno.h>

#include "core/manager_impl.h"

// What is seen of jobs: how far their expressions have come, and who holds what.
namespace reeve::core {

status::Hearing Manager::Impl::hearing_of(const spec::EventExpr& expr,
                                          const Latches& latches) const {
    status::Hearing hearing{spec::to_text(expr), {}, missing_text(expr, latches)};
    for (const EventId id : latches) {
        if (id != 0) hearing.come.push_back(spec::to_text(events_.at(id).event));
    }
    return hearing;
}

status::JobInstance Manager::Impl::job_instance_of(const Member& member) const {
    status::JobInstance instance;
    instance.seen = member.life.status();
    instance.variables = member.life.job_life().variables;
    const std::optional<spec::EventExpr>& stop_on = member.life.service().job->stop_on;
    if (stop_on) instance.stop_on = hearing_of(*stop_on, member.stop_latches);
    for (const EventId id : member.holds)
        instance.holds.push_back(spec::to_text(events_.at(id).event));
    return instance;
}

status::Job Manager::Impl::job_of(const std::string& app, const std::string& name,
                                  const spec::JobSpec* spec, const ServiceState& state) const {
    status::Job job;
    job.app = app;
    job.name = name;
    if (spec != nullptr) {
        job.description = spec->description;
        job.usage = spec->usage;
        job.instance = spec->instance;
        job.task = spec->task;
        job.manual = spec->manual;
        if (spec->start_on) job.start_on = hearing_of(*spec->start_on, state.start_latches);
    }
    for (const auto& [key, member] : state.members) {
        if (member->life.is_job()) job.instances.push_back(job_instance_of(*member));
    }
    return job;
}

/// What the processes of a job's instances have, from the most general to the start's own.
void Manager::Impl::add_environments(const AppState& app, const ServiceState& state,
                                     status::Job& job) const {
    std::size_t place = 0;
    for (const auto& [key, member] : state.members) {
        if (!member->life.is_job()) continue;
        spec::Environment all = member->life.app()->environment;
        for (const spec::Variable& variable : app.job_variables)
            all[variable.name] = variable.value;
        for (const auto& [name, value] : member->life.service().environment)
            all[name] = value;
        for (const spec::Variable& variable : member->life.job_life().variables)
            all[variable.name] = variable.value;
        for (const auto& [name, value] : all)
            job.instances[place].environment.push_back({name, value});
        ++place;
    }
}

Result<status::Jobs> Manager::Impl::jobs(const status::JobQuery& query) const {
    status::Jobs seen;
    for (const auto& [app_name, app] : apps_) {
        if (!query.app.empty() && query.app != app_name) continue;
        if (!query.app.empty()) seen.variables = app.job_variables;
        for (const auto& [name, state] : app.services) {
            if (!query.job.empty() && query.job != name) continue;
            const spec::Service* service = spec::find_service(*app.app, name);
            const spec::JobSpec* spec =
                service != nullptr && service->job ? &*service->job : nullptr;
            status::Job job = job_of(app_name, name, spec, state);
            if (!query.job.empty()) add_environments(app, state, job);
            if (spec == nullptr && job.instances.empty()) continue;
            if (query.names_instance) seen.key = TRY(named_key(app, name, query.variables));
            seen.jobs.push_back(std::move(job));
        }
    }
    if (!query.job.empty() && seen.jobs.empty()) {
        return Error{"Unknown job: " + query.job, ENOENT};
    }
    return seen;
}

}  // namespace reeve::core
