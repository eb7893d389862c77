#include "cli/upstart_load.h"

#include "cli/compat/initctl/jobs_answer.h"

namespace reeve::cli {

Result<void> check_replaces_no_jobs(const Context& context, const spec::App& app) {
    const bool is_one_file = app.format == spec::Format::Upstart && app.source.ends_with(".conf");
    if (!is_one_file) return {};
    const auto response =
        context.client().send({"GET", "/v1/jobs?app=init", ""}, {.reconnect = 0s}, nullptr);
    if (!response || response->status != 200) return {};
    const auto answer = initctl::jobs_from_json(response->body);
    if (!answer) return {};
    for (const initctl::Job& job : answer->jobs) {
        if (spec::find_service(app, job.name) != nullptr) continue;
        return Error{app.source + ": this file alone would take the job " + job.name +
                     " and others away: put it into their directory, and load that"};
    }
    return {};
}

}  // namespace reeve::cli
