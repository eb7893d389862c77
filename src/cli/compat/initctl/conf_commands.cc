// show-config, check-config: what the files say. No daemon is needed.

#include <algorithm>

#include "base/text.h"
#include "cli/compat/initctl/session.h"
#include "cli/upstart_files.h"
#include "formats/upstart/check_config.h"
#include "formats/upstart/conf_set.h"
#include "formats/upstart/show_config.h"

namespace reeve::cli::initctl {
namespace {

using formats::upstart::JobClass;
using formats::upstart::LoadedJob;

// The files of what is loaded; where no daemon answers, those that Upstart reads.
Result<std::vector<LoadedJob>> read_jobs(const Session& session) {
    const auto loaded = job_directories(session);
    const std::vector<std::string> paths = loaded ? *loaded : upstart_directories(session.context);
    return read_directories(TRY(read_upstart_texts(session.context, paths)).directories).value;
}

// The jobs that are asked for: one by its name, or all.
Result<std::vector<const JobClass*>> wanted(const Session& session,
                                            const std::vector<LoadedJob>& jobs) {
    std::vector<const JobClass*> all;
    const std::vector<std::string>& words = session.arguments.words;
    for (const LoadedJob& job : jobs) {
        if (words.empty() || job.conf.job.name == words.front()) all.push_back(&job.conf.job);
    }
    if (all.empty() && !words.empty()) return Error{"Invalid job class: " + words.front()};
    return all;
}

}  // namespace

int show_config_command(Session& session) {
    const auto jobs = read_jobs(session);
    if (!jobs) return fail(session, jobs.error().message);
    const auto shown = wanted(session, *jobs);
    if (!shown) return fail(session, shown.error().message);
    const bool enumerates = session.arguments.has("enumerate");
    for (const JobClass* job : *shown)
        say(session, enumerates ? formats::upstart::show_config_enumerated(*job)
                                : formats::upstart::show_config(*job));
    return kDone;
}

int check_config_command(Session& session) {
    const auto jobs = read_jobs(session);
    if (!jobs) return fail(session, jobs.error().message);
    const auto checked = wanted(session, *jobs);
    if (!checked) return fail(session, checked.error().message);
    std::vector<const JobClass*> all;
    for (const LoadedJob& job : *jobs)
        all.push_back(&job.conf.job);
    formats::upstart::CheckConfig settings;
    settings.both_sides_of_or = session.arguments.has("warn");
    settings.user_mode = session.context.paths.user_mode;
    for (const auto& given : session.arguments.options) {
        if (given.name != "ignore-events") continue;
        for (const std::string_view event : split(given.value, ','))
            settings.ignored_events.emplace(event);
    }
    bool is_good = true;
    for (const JobClass* job : *checked) {
        const std::string text = check_config(*job, all, settings);
        is_good = is_good && text.empty();
        say(session, text);
    }
    return is_good ? kDone : kFailed;
}

}  // namespace reeve::cli::initctl
