#include "daemon/job_files.h"

#include <sys/random.h>

#include <utility>

#include "base/log.h"
#include "core/event.h"
#include "daemon/daemon.h"
#include "daemon/job_reading.h"

namespace reeve::daemon {
namespace {

constexpr char kApp[] = "init";
/// Editors and package managers write several files, and one in several steps.
constexpr Duration kQuietTime = 500ms;

std::uint64_t random_id() {
    std::uint64_t id = 0;
    while (::getrandom(&id, sizeof id, 0) != sizeof id || id == 0)
        continue;
    return id;
}

std::string line_of(const formats::Diagnostic& diagnostic) {
    const std::string line = diagnostic.line == 0 ? "" : ':' + std::to_string(diagnostic.line);
    const std::string hint = diagnostic.hint.empty() ? "" : "; " + diagnostic.hint;
    return diagnostic.file + line + ": " + diagnostic.message + hint;
}

}  // namespace

Result<std::unique_ptr<JobFiles>> JobFiles::create(Daemon& daemon) {
    std::unique_ptr<JobFiles> files(new JobFiles(daemon));
    JobFiles* const raw = files.get();
    files->alarm_ = std::make_unique<drivers::Alarm>(
        TRY(drivers::Alarm::create(daemon.loop_.get(), [raw] { raw->read_again(); })));
    return files;
}

void JobFiles::follow() {
    const std::shared_ptr<const spec::App> app = daemon_.manager_->find_app(kApp);
    const bool is_upstarts = app != nullptr && app->format == spec::Format::Upstart;
    std::set<std::string> files;
    if (is_upstarts) files = files_of_jobs(*app);
    if (files == watched_) return;
    watched_ = std::move(files);
    if (watched_.empty()) {
        events_.reset();
        return;
    }
    if (!events_) {
        auto events = drivers::FileEvents::create(daemon_.loop_.get(),
                                                  drivers::FileEvents::Permissions::Untold,
                                                  [this](const spec::NamedEvent&) { changed(); });
        if (!events) {
            log::warning("app=init reason=\"files are not followed: " + events.error().message +
                         "\"");
            return;
        }
        events_.emplace(std::move(*events));
    }
    events_->watch(watched_, drivers::FileEvents::Present::Known);
}

void JobFiles::changed() {
    alarm_->set(drivers::steady_now() + kQuietTime);
}

void JobFiles::read_again() {
    const std::shared_ptr<const spec::App> app = daemon_.manager_->find_app(kApp);
    if (app == nullptr || app->format != spec::Format::Upstart) return;
    auto reading = read_jobs_again(*app, daemon_.paths_.user_mode);
    if (!reading) {
        // The directory itself may have gone: what is loaded stays.
        log::warning("app=init reason=\"" + reading.error().message + "\"");
        return;
    }
    tell(reading->diagnostics);
    if (reading->value == *app) return follow();  // there may be a new directory without jobs
    core::Command command;
    command.operation = random_id();
    command.cause.kind = status::CauseKind::Daemon;
    command.cause.text = "files of jobs have changed";
    core::LoadApp load;
    load.app = std::make_shared<const spec::App>(std::move(reading->value));
    command.kind = std::move(load);
    daemon_.operations_.wait(command.operation, api::AnswerWhen::Accepted,
                             [](const api::OperationReply& reply) {
                                 if (!reply.message.empty())
                                     log::info("app=init reason=\"" + reply.message + "\"");
                             });
    daemon_.events_.push_back(std::move(command));
}

void JobFiles::tell(const std::vector<formats::Diagnostic>& diagnostics) {
    std::set<std::string> lines;
    for (const formats::Diagnostic& diagnostic : diagnostics) {
        std::string line = line_of(diagnostic);
        if (!told_.contains(line)) log::warning("app=init reason=\"" + line + "\"");
        lines.insert(std::move(line));
    }
    told_ = std::move(lines);
}

}  // namespace reeve::daemon
