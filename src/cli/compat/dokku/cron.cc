#include <algorithm>

#include "api/json_writer.h"
#include "base/text.h"
#include "cli/compat/dokku/deployed.h"
#include "cli/compat/dokku/flags.h"
#include "cli/compat/dokku/groups.h"
#include "cli/compat/dokku/report.h"

// cron:list, cron:run, cron:report. Source: dokku plugins/cron.
namespace reeve::cli::compat::dokku {
namespace cron_group {

constexpr std::string_view kArea = "cron/";
constexpr std::int64_t kTtlMax = std::int64_t{366} * 24 * 3600;
constexpr unsigned kTtlDefault = 86400;

/// One job of an app, out of its record.
struct Job {
    std::string id;
    std::string schedule;
    std::string overlap;
    bool maintenance = false;
    std::string command;
};

std::vector<Job> jobs_of(const api::Records& records) {
    std::vector<Job> jobs;
    for (const auto& [key, value] : records) {
        if (!key.starts_with(kArea)) continue;
        const std::vector<std::string_view> parts = split(value, '\t');
        if (parts.size() < 4) continue;
        jobs.push_back({key.substr(kArea.size()), std::string(parts[0]), std::string(parts[1]),
                        parts[2] == "true", std::string(parts[3])});
    }
    return jobs;
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size() + 2, width), ' ');
    return text;
}

std::string jobs_json(const std::string& app, const std::vector<Job>& jobs) {
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
        json.member_flag("maintenance", job.maintenance);
        json.member_flag("task-in-maintenance", job.maintenance);
        json.member_flag("app-in-maintenance", false);
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
        print(jobs_json(*app, jobs));
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

int run(Session& session, const Words& words) {
    const auto parsed = parse_flags({{}, {"--ttl-seconds"}, true}, words);
    if (!parsed) return warn(parsed.error().message), kUsage;
    Words rest = parsed->words;
    int code = kOk;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    if (rest.empty()) return fail("Please specify a Cron ID to run");
    const auto deployed = fetch_deployed(session, *app);
    if (!deployed) return fail(session, deployed.error());
    OneOff one_off = deployed->one_off("cron.1");
    one_off.ttl_seconds = kTtlDefault;
    if (const auto ttl = parsed->text("--ttl-seconds")) {
        const auto seconds = parse_integer(*ttl);
        if (!seconds || *seconds < 1 || *seconds > kTtlMax) {
            return fail("--ttl-seconds must be a positive integer");
        }
        one_off.ttl_seconds = static_cast<unsigned>(*seconds);
    }
    for (const Job& job : jobs_of(deployed->records)) {
        if (job.id != rest.front()) continue;
        one_off.arguments = {"bash", "-c", job.command};
        return fail(become_one_off(one_off).message);
    }
    return fail("No matching Cron ID found. Please specify a Cron ID from 'dokku cron:list'");
}

int report(Session& session, const Words& words) {
    const auto query = parse_report_query(words);
    if (!query) return fail(query.error().message);
    std::vector<std::string> names = {query->app};
    if (query->app.empty()) {
        const auto all = all_apps(session);
        if (!all) return fail(session, all.error());
        names = *all;
    } else if (const auto missing = missing_app(session, query->app)) {
        return *missing;
    }
    int worst = kOk;
    for (const std::string& name : names) {
        const auto stored = fetch_records(session.context, name);
        if (!stored) return fail(session, stored.error());
        const std::string count = std::to_string(jobs_of(stored->records).size());
        const std::vector<ReportLine> lines = {{"--cron-task-count", count}};
        worst = std::max(worst, print_report(session, *query, name, "cron", lines));
    }
    return worst;
}

constexpr DokkuCommand kCommands[] = {
    {"cron:list", "[--format json|stdout] <app>", "List scheduled cron tasks for an app", list},
    {"cron:report", "[<app>] [<flag>]", "Display report about an app", report},
    {"cron:run", "[--ttl-seconds N] <app> <cron_id>", "Run a cron task now", run},
};

}  // namespace cron_group

const Group kCron{"cron", "Manage scheduled cron tasks", cron_group::kCommands, false};

}  // namespace reeve::cli::compat::dokku
