#include "daemon/release_plan.h"

#include <signal.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "daemon/cron_id.h"
#include "daemon/health_plan.h"
#include "daemon/link_plan.h"
#include "daemon/resource_plan.h"
#include "formats/procfile/app_reader.h"
#include "spec/cron_schedule.h"
#include "spec/restart_spec.h"

namespace reeve::daemon {
namespace {

using formats::Diagnostic;
using formats::Severity;

constexpr const char* kWeb = "web";
constexpr const char* kRestartPolicy = "on-failure:10";
constexpr const char* kStopTimeout = "30";
/// How long nginx may take to let go of an old `web`.
constexpr Duration kProxyWait = 10s;
/// Source: dokku checks, `wait-to-retire`.
constexpr const char* kWaitToRetire = "60";
constexpr std::int64_t kSecondsMax = 7 * 24 * 3600;
constexpr const char* kRelease = "release";

class Planner {
public:
    Planner(const ReleaseInputs& inputs, const AppStore& store) : inputs_(inputs), store_(store) {}

    formats::Reading<ReleasePlan> plan() {
        if (inputs_.app_json) {
            app_json_ = take(formats::appjson::parse(inputs_.app_json_name, *inputs_.app_json));
        }
        plan_.scripts = app_json_.scripts;
        take_cron();
        take_config();
        read_services();
        take_scale();
        if (!result_.ok()) return std::move(result_);
        for (spec::Service& service : plan_.app.services)
            finish(service);
        const Result<void> valid = spec::validate(plan_.app);
        if (!valid) say(Severity::Error, inputs_.procfile_name, valid.error().message);
        result_.value = std::move(plan_);
        return std::move(result_);
    }

private:
    void say(Severity severity, const std::string& file, const std::string& message) {
        Diagnostic diagnostic;
        diagnostic.severity = severity;
        diagnostic.file = file;
        diagnostic.message = message;
        result_.diagnostics.push_back(std::move(diagnostic));
    }

    /// Notes say what `reeve load` leaves out, which is not left out here.
    template <typename T>
    T take(formats::Reading<T> reading) {
        for (Diagnostic& diagnostic : reading.diagnostics) {
            if (diagnostic.severity != Severity::Note) {
                result_.diagnostics.push_back(std::move(diagnostic));
            }
        }
        return std::move(reading.value);
    }

    /// Values of app.json are for the first deploy; later ones only where they are to be in sync.
    void take_config() {
        const auto own = store_.area(inputs_.app, "config");
        for (const auto& [name, variable] : app_json_.environment) {
            const bool is_set = own.contains(name);
            const bool wanted = variable.sync || (inputs_.is_first && !is_set);
            if (!wanted) continue;
            if (variable.value) {
                plan_.new_config[name] = *variable.value;
            } else if (variable.is_secret && !is_set) {
                plan_.new_config[name] = inputs_.make_secret();
            } else if (variable.required && !is_set) {
                say(Severity::Error, inputs_.app_json_name,
                    "required env var " + name +
                        " has no value, no default, and no TTY for prompt");
            }
        }
    }

    /// Source: dokku plugins/cron: a job is no shell script, so that what runs is seen.
    void take_cron() {
        for (const formats::appjson::CronJob& job : app_json_.cron) {
            const auto schedule = spec::CronSchedule::parse(job.schedule);
            if (!schedule) say(Severity::Error, inputs_.app_json_name, schedule.error().message);
            if (job.command.find_first_of(";|<>\n\t") != std::string::npos) {
                say(Severity::Error, inputs_.app_json_name,
                    "the cron command \"" + job.command +
                        "\" contains shell operators; put them into a script");
            }
            const char* overlap = job.overlap == formats::appjson::CronOverlap::Forbid ? "forbid"
                                  : job.overlap == formats::appjson::CronOverlap::Replace
                                      ? "replace"
                                      : "allow";
            plan_.cron_records[cron_id(inputs_.app, job.command, job.schedule)] =
                job.schedule + "\t" + overlap + "\t" + (job.maintenance ? "true" : "false") + "\t" +
                job.command;
        }
    }

    void read_services() {
        formats::procfile::AppTexts texts;
        texts.directory = inputs_.directory;
        texts.procfile_path = inputs_.procfile_name;
        texts.procfile = inputs_.procfile.value_or("web: " + inputs_.default_web + "\n");
        texts.name = inputs_.app;
        texts.user = inputs_.user;
        if (!inputs_.procfile && inputs_.default_web.empty()) {
            say(Severity::Error, inputs_.procfile_name,
                "there is no " + inputs_.procfile_name +
                    ", and neither start-cmd nor a buildpack says what to start");
            return;
        }
        plan_.app = take(formats::procfile::read_app(texts));
        plan_.app.source = inputs_.app + " (deployed)";
        plan_.app.environment = release_environment(store_, inputs_.app, inputs_.revision);
        for (const auto& [name, value] : plan_.new_config)
            plan_.app.environment[name] = value;
        const std::string start = store_.effective(inputs_.app, "ps/start-cmd", "");
        for (spec::Service& service : plan_.app.services) {
            if (service.name == "web" && !start.empty()) {
                service.command = spec::ShellCommand{start, spec::Shell::Bash};
            }
            if (inputs_.has_profile) source_profile(service.command);
        }
        if (plan_.app.release_command && inputs_.has_profile) {
            source_profile(*plan_.app.release_command);
        }
        if (inputs_.has_profile) plan_.app.environment["HOME"] = inputs_.directory;
    }

    /// Source: Heroku's `.profile.d`: every file is sourced before a command.
    static void source_profile(spec::Command& command) {
        const std::string text = spec::to_text(command);
        command = spec::ShellCommand{
            "for f in .profile.d/*.sh; do [ -r \"$f\" ] && . \"$f\"; done; " + text,
            spec::Shell::Bash};
    }

    void take_scale() {
        plan_.app.formation_fixed = app_json_.is_scale_fixed();
        const auto stored = store_.area(inputs_.app, "scale");
        for (spec::Service& service : plan_.app.services) {
            const auto kept = stored.find(service.name);
            const auto number =
                kept == stored.end() ? Result<std::int64_t>(0) : parse_integer(kept->second);
            service.instances = number && *number >= 0 && *number <= spec::kInstancesMax
                                    ? static_cast<std::uint32_t>(*number)
                                    : 0;
            const auto given = app_json_.formation.find(service.name);
            if (given != app_json_.formation.end()) {
                service.rollout.max_unavailable =
                    given->second.max_parallel.value_or(service.rollout.max_unavailable);
            }
            if (plan_.app.formation_fixed) {
                service.instances =
                    given == app_json_.formation.end() ? 0 : given->second.quantity.value_or(0);
            }
            plan_.scale[service.name] = service.instances;
        }
        warn_of_missing(stored);
        warn_of_forgotten_web();
    }

    void warn_of_forgotten_web() {
        if (app_json_.forgets_web() && spec::find_service(plan_.app, kWeb) != nullptr)
            say(Severity::Warning, inputs_.app_json_name, formats::appjson::kForgottenWeb);
    }

    void warn_of_missing(const std::map<std::string, std::string>& stored) {
        std::set<std::string> wanted;
        for (const auto& [type, number] : stored) {
            if (number != "0" && !plan_.app.formation_fixed) wanted.insert(type);
        }
        for (const auto& [type, formation] : app_json_.formation) {
            if (formation.quantity.value_or(0) == 0) continue;
            wanted.insert(type);
            if (type == kRelease) {
                say(Severity::Error, inputs_.app_json_name, "\"release\" cannot be scaled");
            }
        }
        for (const std::string& type : wanted) {
            if (spec::find_service(plan_.app, type) != nullptr || type == kRelease) continue;
            say(Severity::Warning, inputs_.procfile_name,
                "Skipping " + type + " as it is missing from the current Procfile");
        }
    }

    std::string property(const std::string& key, const char* otherwise) const {
        return store_.effective(inputs_.app, key, otherwise);
    }

    /// A property that is a number of seconds; what is none counts as if it were not set.
    Duration seconds_of(const char* key, const char* otherwise) const {
        auto seconds = parse_integer(property(key, otherwise));
        if (!seconds || *seconds < 0) seconds = parse_integer(otherwise);
        return std::chrono::seconds(std::min(*seconds, kSecondsMax));
    }

    void finish(spec::Service& service) {
        const auto restart = spec::restart_from_text(property("ps/restart-policy", kRestartPolicy));
        service.restart = restart.value_or(*spec::restart_from_text(kRestartPolicy));
        service.stop.steps = {{SIGTERM, seconds_of("ps/stop-timeout-seconds", kStopTimeout)}};
        const ChecksMode mode =
            names_type(property("checks/disabled", ""), service.name)  ? ChecksMode::Disabled
            : names_type(property("checks/skipped", ""), service.name) ? ChecksMode::Skipped
                                                                       : ChecksMode::Enabled;
        const auto checks = app_json_.healthchecks.find(service.name);
        add_health(service, mode,
                   checks == app_json_.healthchecks.end()
                       ? std::vector<formats::appjson::HealthCheck>()
                       : checks->second);
        service.rollout.proxy_wait = service.wants_port ? kProxyWait : 0s;
        service.rollout.retire_wait = seconds_of("checks/wait-to-retire", kWaitToRetire);
        service.group_limits = plan_limits(store_.records(inputs_.app), service.name);
        const LinkPlan links = plan_links(property("links/needs", ""));
        service.needs = links.needs;
        service.hooks.pre_start = links.before_start;
    }

    const ReleaseInputs& inputs_;
    const AppStore& store_;
    formats::appjson::AppJson app_json_;
    ReleasePlan plan_;
    formats::Reading<ReleasePlan> result_;
};

}  // namespace

formats::Reading<ReleasePlan> plan_release(const ReleaseInputs& inputs, const AppStore& store) {
    return Planner(inputs, store).plan();
}

spec::Environment release_environment(const AppStore& store, const std::string& app,
                                      const std::string& revision) {
    spec::Environment environment = store.area(app, "config");
    environment.merge(store.area(std::string(api::kGlobalApp), "config"));
    if (!revision.empty()) environment["GIT_REV"] = revision;
    return environment;
}

}  // namespace reeve::daemon
