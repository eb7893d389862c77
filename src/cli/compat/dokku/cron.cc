#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "api/json_writer.h"
#include "base/text.h"
#include "cli/compat/dokku/deployed.h"
#include "cli/compat/dokku/detached.h"
#include "cli/compat/dokku/flags.h"
#include "cli/compat/dokku/groups.h"
#include "cli/compat/dokku/properties.h"
#include "cli/compat/dokku/proxied.h"
#include "cli/compat/dokku/report.h"
#include "os/lock_file.h"
#include "os/users.h"

// cron:list, cron:run and the rest of the group. Source: dokku plugins/cron.
namespace reeve::cli::compat::dokku {
namespace cron_group {

constexpr std::string_view kArea = "cron/";
constexpr const char* kMaintenanceKey = "cron-settings/maintenance";
constexpr std::int64_t kTtlMax = std::int64_t{366} * 24 * 3600;
constexpr unsigned kTtlDefault = 86400;

/// One job of an app, out of its record.
struct Job {
    std::string id;
    std::string schedule;
    std::string overlap;
    bool maintenance = false;  // by its app.json, or suspended
    std::string command;
};

std::string suspended_key(const std::string& id) {
    return std::string(kMaintenanceKey) + "." + id;
}

std::vector<Job> jobs_of(const api::Records& records) {
    std::vector<Job> jobs;
    for (const auto& [key, value] : records) {
        if (!key.starts_with(kArea)) continue;
        const std::vector<std::string_view> parts = split(value, '\t');
        if (parts.size() < 4) continue;
        const std::string id = key.substr(kArea.size());
        const auto suspended = records.find(suspended_key(id));
        const bool is_suspended = suspended != records.end() && suspended->second == "true";
        const auto command = static_cast<std::size_t>(parts[3].data() - value.data());
        jobs.push_back({id, std::string(parts[0]), std::string(parts[1]),
                        parts[2] == "true" || is_suspended, value.substr(command)});
    }
    return jobs;
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size() + 2, width), ' ');
    return text;
}

std::string jobs_json(const std::string& app, const std::vector<Job>& jobs, bool app_rests) {
    api::JsonWriter json;
    json.begin_list();
    for (const Job& job : jobs) {
        json.begin_object();
        json.member("id", job.id);
        json.member("app", app);
        json.member("command", job.command);
        json.member_flag("global", false);
        json.member("schedule", job.schedule);
        json.member("concurrency_policy", job.overlap);
        json.member_flag("maintenance", job.maintenance || app_rests);
        json.member_flag("task-in-maintenance", job.maintenance);
        json.member_flag("app-in-maintenance", app_rests);
        json.end_object();
    }
    json.end_list();
    return json.take() + "\n";
}

int list(Session& session, const Words& words) {
    const auto parsed = parse_flags({{}, {"--format"}, true}, words);
    if (!parsed) return warn(parsed.error().message), kUsage;
    Words rest = parsed->words;
    int code = kOk;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    const auto stored = fetch_records(session.context, *app);
    if (!stored) return fail(session, stored.error());
    const std::vector<Job> jobs = jobs_of(stored->records);
    if (parsed->text("--format") == "json") {
        const auto rests = fetch_effective(session, *app, kMaintenanceKey, "false");
        if (!rests) return fail(session, rests.error());
        print(jobs_json(*app, jobs, *rests == "true"));
        return kOk;
    }
    std::size_t id_width = 4;
    std::size_t schedule_width = 10;
    for (const Job& job : jobs) {
        id_width = std::max(id_width, job.id.size() + 2);
        schedule_width = std::max(schedule_width, job.schedule.size() + 2);
    }
    say_plain(padded("ID", id_width) + padded("Schedule", schedule_width) + "Command");
    for (const Job& job : jobs)
        say_plain(padded(job.id, id_width) + padded(job.schedule, schedule_width) + job.command);
    return kOk;
}

/// The job of that ID, or Dokku's message.
Result<Job> find_job(const api::Records& records, const std::string& id) {
    for (Job& job : jobs_of(records)) {
        if (job.id == id) return std::move(job);
    }
    return Error{"No matching Cron ID found. Please specify a Cron ID from 'dokku cron:list'"};
}

/// The lock of one that must not run twice at a time; for another one nothing.
Result<os::UniqueFd> take_turn(const std::string& app, const Job& job, const std::string& path) {
    if (job.overlap != "forbid") return os::UniqueFd();
    auto lock = os::take_lock_file(path);
    if (lock || lock.error().code != EWOULDBLOCK) return lock;
    return Error{app + " currently has a cron lock in place for " + job.id + ". Exiting..."};
}

/// It takes the lock itself, as its user, whose file it becomes. Source: util-linux flock(1).
Result<void> take_turn_later(OneOff& one_off, const os::UniqueFd& lock, const std::string& path) {
    const auto user = os::find_user(one_off.user);
    if (user && ::fchown(lock.get(), user->uid, user->gid) != 0)
        return system_error("give " + path + " to " + one_off.user);
    const std::vector<std::string> own = {"flock", "--nonblock", path};
    one_off.arguments.insert(one_off.arguments.begin(), own.begin(), own.end());
    return {};
}

int run_job(Session& session, const std::string& app, const Job& job, OneOff one_off,
            bool detached) {
    one_off.arguments = {"bash", "-c", job.command};
    const std::string path = os::cron_lock_path(session.context.paths, job.id);
    Result<os::UniqueFd> lock = take_turn(app, job, path);
    if (!lock) return fail(session, lock.error());
    if (!detached) {
        // This process becomes the job, which holds the lock until it has ended.
        if (*lock) ::fcntl(lock->release(), F_SETFD, 0);
        return fail(become_one_off(one_off).message);
    }
    if (*lock) {
        const Result<void> prepared = take_turn_later(one_off, *lock, path);
        if (!prepared) return fail(session, prepared.error());
        lock->reset();
    }
    const auto name = start_detached(session, app, DetachedKind::Cron, one_off);
    if (!name) return fail(session, name.error());
    say_plain(*name);
    return kOk;
}

int run(Session& session, const Words& words) {
    const auto parsed = parse_flags({{"--detach"}, {"--ttl-seconds"}, true}, words);
    if (!parsed) return warn(parsed.error().message), kUsage;
    Words rest = parsed->words;
    int code = kOk;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    if (rest.empty()) return fail("Please specify a Cron ID to run");
    const auto deployed = fetch_deployed(session, *app);
    if (!deployed) return fail(session, deployed.error());
    OneOff one_off = deployed->one_off("cron." + std::to_string(::getpid()));
    one_off.ttl_seconds = kTtlDefault;
    if (const auto ttl = parsed->text("--ttl-seconds")) {
        const auto seconds = parse_integer(*ttl);
        if (!seconds || *seconds < 1 || *seconds > kTtlMax) {
            return fail("--ttl-seconds must be a positive integer");
        }
        one_off.ttl_seconds = static_cast<unsigned>(*seconds);
    }
    const auto job = find_job(deployed->records, rest.front());
    if (!job) return fail(session, job.error());
    return run_job(session, *app, *job, std::move(one_off), parsed->has("--detach"));
}

/// A suspended job is not run by itself; `cron:run` still does.
int set_suspended(Session& session, const Words& words, bool suspended) {
    Words rest = words;
    int code = kOk;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    if (rest.empty()) return fail("Please specify a Cron ID");
    const auto stored = fetch_records(session.context, *app);
    if (!stored) return fail(session, stored.error());
    const auto job = find_job(stored->records, rest.front());
    if (!job) return fail(session, job.error());
    const auto value = suspended ? std::optional<std::string>("true") : std::nullopt;
    const Result<void> changed = store_value(session, *app, suspended_key(job->id), value);
    if (!changed) return fail(session, changed.error());
    say((suspended ? "Suspended" : "Resumed") + (" the cron task " + job->id));
    return kOk;
}

int suspend(Session& session, const Words& words) {
    return set_suspended(session, words, true);
}

int resume(Session& session, const Words& words) {
    return set_suspended(session, words, false);
}

constexpr std::array kProperties = std::to_array<Property>({
    {"mailfrom", "cron-settings/mailfrom", true, nullptr},
    {"mailto", "cron-settings/mailto", true, nullptr},
    {"maintenance", kMaintenanceKey, true, not_a_boolean},
});

int set(Session& session, const Words& words) {
    return set_property(session, words, kProperties);
}

Result<std::vector<ReportLine>> report_lines(const Session& session, const std::string& app) {
    const api::StoredRecords stored = TRY(fetch_records(session.context, app));
    std::vector<ReportLine> lines = {
        {"--cron-task-count", std::to_string(jobs_of(stored.records).size())}};
    for (const Property& property : kProperties) {
        const std::string name(property.name);
        const std::string key(property.key);
        const char* otherwise = property.objection == nullptr ? "" : "false";
        lines.push_back({"--cron-" + name, TRY(fetch_value(session, app, key))});
        lines.push_back(
            {"--cron-computed-" + name, TRY(fetch_effective(session, app, key, otherwise))});
        lines.push_back({"--cron-global-" + name,
                         TRY(fetch_value(session, std::string(api::kGlobalApp), key))});
    }
    return lines;
}

int report(Session& session, const Words& words) {
    return report_apps(session, words, "cron", report_lines);
}

constexpr DokkuCommand kCommands[] = {
    {"cron:list", "[--format json|stdout] <app>", "List scheduled cron tasks for an app", list},
    {"cron:report", "[<app>] [<flag>]", "Display report about an app", report},
    {"cron:resume", "<app> <cron_id>", "Resume a cron task", resume},
    {"cron:run", "[--detach] [--ttl-seconds N] <app> <cron_id>", "Run a cron task now", run},
    {"cron:set", "<app>|--global <key> [<value>]", "Set or clear a cron property", set},
    {"cron:suspend", "<app> <cron_id>", "Suspend a cron task", suspend},
};

}  // namespace cron_group

const Group kCron{"cron", "Manage scheduled cron tasks", cron_group::kCommands, false};

}  // namespace reeve::cli::compat::dokku
