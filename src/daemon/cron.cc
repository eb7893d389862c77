#include "daemon/cron.h"

#include <time.h>

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "daemon/daemon.h"
#include "spec/cron_schedule.h"

namespace reeve::daemon {
namespace {

constexpr std::int64_t kMinute = 60;
constexpr Duration kPatience = 24h;
constexpr std::size_t kParts = 4;
/// The minute of its latest start, so that a replaced daemon does not start it again.
constexpr std::string_view kLast = "cron-last/";

std::int64_t wall_seconds() {
    return drivers::wall_now().nanoseconds / 1'000'000'000;
}

spec::CalendarMinute calendar_minute(std::int64_t minute) {
    const time_t seconds = minute * kMinute;
    tm local{};
    ::localtime_r(&seconds, &local);
    return {local.tm_min, local.tm_hour, local.tm_mday, local.tm_mon + 1, local.tm_wday};
}

}  // namespace

Result<std::unique_ptr<Cron>> Cron::create(Daemon& daemon) {
    std::unique_ptr<Cron> cron(new Cron(daemon));
    Cron* const raw = cron.get();
    cron->alarm_ = std::make_unique<drivers::Alarm>(
        TRY(drivers::Alarm::create(daemon.loop_.get(), [raw] { raw->look(); })));
    cron->last_minute_ = wall_seconds() / kMinute;
    cron->follow_store();
    return cron;
}

void Cron::follow_store() {
    const std::vector<std::string> apps = daemon_.store_.names();
    const bool has_jobs = std::any_of(apps.begin(), apps.end(), [this](const std::string& app) {
        return !daemon_.store_.area(app, "cron").empty();
    });
    const std::int64_t rest = kMinute - wall_seconds() % kMinute;
    const TimePoint next_minute = drivers::steady_now() + std::chrono::seconds(rest);
    alarm_->set(has_jobs ? Deadline(next_minute) : std::nullopt);
}

void Cron::look() {
    follow_store();
    const std::int64_t minute = wall_seconds() / kMinute;
    // A clock that was set back does not bring the past again.
    if (minute <= last_minute_ && last_minute_ - minute < kMinute) return;
    last_minute_ = minute;
    const spec::CalendarMinute now = calendar_minute(minute);
    for (const std::string& app : daemon_.store_.names()) {
        for (const auto& [id, job] : daemon_.store_.area(app, "cron")) {
            const auto schedule = spec::CronSchedule::parse(job.substr(0, job.find('\t')));
            const std::string* last = daemon_.store_.find(app, std::string(kLast) + id);
            const bool again = last != nullptr && *last == std::to_string(minute);
            if (schedule && schedule->is_due(now) && !again) run(app, id, job);
        }
    }
}

/// An app, or one of its jobs, that an operator has suspended.
bool Cron::is_suspended(const std::string& app, const std::string& id) const {
    const std::string key = "cron-settings/maintenance";
    const std::string* job = daemon_.store_.find(app, key + "." + id);
    return daemon_.store_.effective(app, key, "") == "true" || (job != nullptr && *job == "true");
}

void Cron::run(const std::string& app, const std::string& id, const std::string& job) {
    const std::vector<std::string_view> parts = split(job, '\t');
    const std::string* release = daemon_.store_.find(app, "app/release");
    if (parts.size() < kParts || release == nullptr) return;
    if (parts[2] == "true" || is_suspended(app, id)) return;
    const std::string key = app + "/" + id;
    const auto running = running_.find(key);
    os::UniqueFd lock;
    if (parts[1] == "forbid") {
        Result<os::UniqueFd> taken = os::take_lock_file(cron_lock_path(daemon_.paths_, id));
        if (!taken) return log::info("app=" + app + " cron=" + id + " reason=\"still runs\"");
        lock = std::move(taken).value();
    }
    if (running != running_.end() && parts[1] == "replace") {
        daemon_.tasks_->cancel(running->second.task);
    }
    const std::shared_ptr<const spec::App> spec = daemon_.manager_->find_app(app);
    const std::string* user = daemon_.store_.find(app, "app/user");
    if (spec == nullptr || user == nullptr) return;
    api::StoreChange change;
    change.app = app;
    change.entries.push_back({std::string(kLast) + id, std::to_string(last_minute_)});
    (void)daemon_.store_.apply(change);  // at worst a daemon that is replaced runs it once more
    daemon_.persist_store({});
    drivers::Task task;
    task.app = app;
    task.name = "cron";
    task.command = spec::ShellCommand{
        job.substr(static_cast<std::size_t>(parts[3].data() - job.data())), spec::Shell::Bash};
    task.user = *user;
    task.working_dir = spec->directory;
    task.environment = spec->environment;
    task.timeout = kPatience;
    const auto log_file = daemon_.logs_->open_for_child({app, "cron", 1, ""}, {});
    if (log_file) task.output_fd = log_file->get();
    const auto ended = [this, key, app, id](const status::Exit& exit) {
        running_.erase(key);
        log::info("app=" + app + " cron=" + id + " reason=\"" + status::to_text(exit) + "\"");
    };
    const auto started = daemon_.tasks_->start(
        task, [](std::string_view) {}, ended);
    if (started) {
        running_[key] = {*started, std::move(lock)};
    } else {
        log::warning("app=" + app + " cron=" + id + " reason=\"" + started.error().message + "\"");
    }
}

}  // namespace reeve::daemon
