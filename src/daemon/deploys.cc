#include "daemon/deploys.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "daemon/app_source.h"
#include "daemon/daemon.h"
#include "daemon/deploy_run.h"
#include "daemon/deploy_scripts.h"

// How a deploy begins and ends. Its stages are in deploy_stages.cc.
namespace reeve::daemon {
namespace {

constexpr std::int64_t kReleasesKept = 5;
constexpr std::int64_t kReleasesKeptMax = 100;
/// While it runs: the number of its release once it came to its start, else empty.
constexpr const char* kRunning = "deploy/running";
constexpr const char* kOperation = "deploy/operation";

api::OperationReply reply_of(api::Code code, std::string message) {
    api::OperationReply reply;
    reply.code = code;
    reply.message = std::move(message);
    return reply;
}

void refuse(const api::DeployListener& listener, api::Code code, const std::string& message) {
    listener.on_end(reply_of(code, message));
}

bool is_local(const api::DeployRequest& request) {
    const bool has_source = request.kind == api::DeployKind::Directory ||
                            request.kind == api::DeployKind::Archive ||
                            request.kind == api::DeployKind::Git;
    return has_source && request.source.starts_with("/");
}

/// A rollback has the app.json of then, which is not read again.
bool keeps_jobs(api::DeployKind kind) {
    return kind == api::DeployKind::Rollback;
}

bool fetches(api::DeployKind kind) {
    return kind == api::DeployKind::Directory || kind == api::DeployKind::Archive ||
           kind == api::DeployKind::Git;
}

}  // namespace

std::string locked_text(const std::string& app) {
    return app + " currently has a deploy lock in place. Exiting...";
}

Deploys::Deploys(Daemon& daemon) : daemon_(daemon) {}
Deploys::~Deploys() = default;

bool Deploys::is_locked(const std::string& app) const {
    return runs_.contains(app) || daemon_.store_.find(app, "app/locked") != nullptr;
}

void Deploys::begin(const api::DeployRequest& request, const api::Peer& peer,
                    api::DeployListener listener) {
    const auto known = runs_.find(request.app);
    if (known != runs_.end() && known->second->request.id == request.id) {
        known->second->listeners.push_back(std::move(listener));
        return;
    }
    if (!daemon_.journal_) {
        return refuse(listener, api::Code::Busy, "reeve is in safe mode and changes nothing");
    }
    if (!daemon_.intent_loaded_) {
        return refuse(listener, api::Code::Busy, "reeve is still reading what it remembers");
    }
    if (!daemon_.store_.exists(request.app)) {
        return refuse(listener, api::Code::NoSuchTarget, "App " + request.app + " does not exist");
    }
    const auto loaded = daemon_.manager_->find_app(request.app);
    if (loaded && daemon_.store_.find(request.app, "app/release") == nullptr) {
        return refuse(listener, api::Code::Invalid,
                      request.app + " is loaded from " + loaded->source +
                          "; unload it, or deploy under another name");
    }
    // Whether there is something to deploy may be asked of a locked app.
    const bool asks = request.kind == api::DeployKind::Config && request.if_changed;
    if (asks ? is_deploying(request.app) : is_locked(request.app)) {
        return refuse(listener, api::Code::Busy, locked_text(request.app));
    }
    if (runs_.size() >= kDeploysMax) {
        return refuse(listener, api::Code::Busy, "too many deploys are running; try again later");
    }
    auto owned = std::make_unique<DeployRun>();
    DeployRun& run = *owned;
    run.request = request;
    run.cause = "uid " + std::to_string(peer.uid) + " pid " + std::to_string(peer.pid) + ": " +
                request.command_line;
    run.listeners.push_back(std::move(listener));
    run.machine = core::Deploy::begin(fetches(request.kind));
    const Result<void> prepared = prepare(run, peer);
    if (!prepared) {
        run.listeners.front().on_end(reply_of(api::Code::Invalid, prepared.error().message));
        return;
    }
    runs_[request.app] = std::move(owned);
    log::info("app=" + request.app + " release=" + std::to_string(run.release) + " reason=\"" +
              run.cause + "\"");
    put(request.app, kRunning, "0");
    carry_on(run);
}

/// Whom it runs as, and where.
Result<void> Deploys::prepare(DeployRun& run, const api::Peer& peer) {
    const std::string& app = run.request.app;
    const std::string* known_user = daemon_.store_.find(app, "app/user");
    uid_t owner = peer.uid;
    if (is_local(run.request)) owner = TRY(owner_of(run.request.source));
    if (::geteuid() != 0) {
        run.user = os::current_user();
    } else if (known_user != nullptr) {
        run.user = TRY(os::find_user(*known_user));
    } else if (owner == 0) {
        run.user = TRY(os::default_app_user());
    } else {
        run.user = TRY(os::find_user(std::to_string(owner)));
    }
    const bool foreign = peer.uid != run.user.uid && peer.uid != ::geteuid() &&
                         !daemon_.roles_.permits(peer, api::Access::Admin, app);
    if (foreign && known_user == nullptr) {
        return Error{"to have code run as " + run.user.name + " takes the role admin"};
    }
    const std::string apps = daemon_.paths_.state_dir + "/apps";
    // The apps' users pass through, and see nothing else.
    ::chmod(daemon_.paths_.state_dir.c_str(), 0751);
    TRY(make_own_directory(apps, ::geteuid(), ::getegid(), 0711));
    run.directory = apps + "/" + escape_name(app);
    TRY(make_own_directory(run.directory, run.user.uid, run.user.gid, 0750));
    run.new_source = run.directory + "/source.new";
    run.is_first = daemon_.store_.find(app, "app/release") == nullptr;
    run.release = next_release(app);
    run.revision = run.request.revision;
    return {};
}

std::uint32_t Deploys::next_release(const std::string& app) const {
    std::int64_t last = 0;
    for (const auto& [number, info] : daemon_.store_.area(app, "release-info")) {
        const auto parsed = parse_integer(number);
        if (parsed) last = std::max(last, *parsed);
    }
    return static_cast<std::uint32_t>(last + 1);
}

/// The directories that must stay: the newest releases, and those whose code they share.
std::string Deploys::kept_releases(const DeployRun& run) const {
    const std::string& app = run.request.app;
    const auto wanted = parse_integer(
        daemon_.store_.effective(app, "releases/keep", std::to_string(kReleasesKept)));
    const std::int64_t keep =
        wanted ? std::clamp<std::int64_t>(*wanted, 2, kReleasesKeptMax) : kReleasesKept;
    const std::int64_t newest = static_cast<std::int64_t>(next_release(app)) - 1;
    std::string kept;
    for (const auto& [number, directory] : daemon_.store_.area(app, "release-dir")) {
        const auto parsed = parse_integer(number);
        if (parsed && *parsed > newest - keep) kept += directory + " ";
    }
    return kept;
}

void Deploys::put(const std::string& app, const std::string& key, const std::string& value) {
    api::StoreChange change;
    change.app = app;
    change.entries.push_back({key, std::nullopt});
    if (!value.empty()) change.entries.back().value = value;
    // The app is there, or nothing of it matters any more.
    (void)daemon_.store_.apply(change);
    daemon_.persist_store({});
}

/// The new release runs: its number and all that it was made of are kept, and it is the one.
void Deploys::remember_release(DeployRun& run) {
    const std::string& app = run.request.app;
    const std::string number = std::to_string(run.release);
    api::StoreChange change;
    change.app = app;
    const auto set = [&](const std::string& key, const std::string& value) {
        change.entries.push_back({key, value});
    };
    const std::int64_t seconds = drivers::wall_now().nanoseconds / 1'000'000'000;
    const std::string source =
        run.request.metadata.empty() ? run.request.source : run.request.metadata;
    const std::size_t slash = run.release_directory.rfind('/');
    set("release/" + number, spec::to_json(run.plan.app));
    set("release-dir/" + number, run.release_directory.substr(slash + 1));
    set("release-info/" + number, std::to_string(seconds) + "\t" + run.revision + "\t" + source +
                                      "\t" + run.request.command_line);
    set("app/release", number);
    set("app/user", run.user.name);
    if (!source.empty()) {
        set("app/deploy-source-metadata", source);
        set("app/deploy-source", run.request.kind == api::DeployKind::Git ? "git" : "archive");
    }
    for (const auto& [type, count] : run.plan.scale)
        set("scale/" + type, std::to_string(count));
    for (const auto& [type, count] : daemon_.store_.area(app, "scale")) {
        if (!run.plan.scale.contains(type)) change.entries.push_back({"scale/" + type, {}});
    }
    for (const auto& [id, job] : run.plan.cron_records)
        set("cron/" + id, job);
    for (const auto& [id, job] : daemon_.store_.area(app, "cron")) {
        const bool stays = run.plan.cron_records.contains(id) || keeps_jobs(run.request.kind);
        if (!stays) change.entries.push_back({"cron/" + id, std::nullopt});
    }
    change.entries.push_back({"ps/restore", std::nullopt});
    change.entries.push_back({kOperation, std::nullopt});
    const auto keep = parse_integer(
        daemon_.store_.effective(app, "releases/keep", std::to_string(kReleasesKept)));
    const std::int64_t oldest =
        static_cast<std::int64_t>(run.release) -
        (keep ? std::clamp<std::int64_t>(*keep, 2, kReleasesKeptMax) : kReleasesKept);
    for (const char* area : {"release", "release-dir", "release-info"}) {
        for (const auto& [old, value] : daemon_.store_.area(app, area)) {
            const auto parsed = parse_integer(old);
            if (parsed && *parsed > oldest) continue;
            change.entries.push_back({std::string(area) + "/" + old, std::nullopt});
        }
    }
    const Result<void> applied = daemon_.store_.apply(change);
    if (!applied) run.warn("the release is not remembered: " + applied.error().message);
    daemon_.persist_store({});
}

void Deploys::finish(DeployRun& run) {
    const auto& outcome = std::get<core::DeployOutcome>(run.machine.step());
    const std::string& app = run.request.app;
    api::OperationReply reply;
    if (outcome.ok) {
        if (run.makes_directory && !outcome.switched) remember_release(run);
        if (run.request.fetch_only) put(app, "app/source", "true");
        reply.message = run.unchanged ? "nothing of " + app + " has changed"
                        : run.release_directory.empty()
                            ? "the source of " + app + " is stored"
                            : "release " + std::to_string(run.release) + " of " + app +
                                  (outcome.switched ? " is deployed" : " is built");
        if (outcome.switched) run.say_heading("Application deployed:");
        return end(run, reply);
    }
    reply.code = api::Code::Failed;
    reply.message = outcome.reason + " (deploy of " + app + ", stage " +
                    std::string(core::to_text(outcome.stage)) + "); " +
                    (outcome.switched ? "the new release runs" : "what ran before is untouched");
    if (!run.unfinished_line.empty()) run.tail.push_back(run.unfinished_line);
    if (run.problems.empty()) {
        reply.problems.assign(run.tail.begin(), run.tail.end());
    } else {
        reply.problems = run.problems;
    }
    end(run, reply);
}

/// Leaves the disk as it should be, then answers.
void Deploys::end(DeployRun& run, const api::OperationReply& reply) {
    const bool ok = reply.code == api::Code::Done;
    if (ok) daemon_.warnings_.erase("deploy " + run.request.app);
    drivers::Task task;
    task.app = run.request.app;
    task.name = "tidy";
    task.user = run.user.name;
    task.working_dir = run.directory;
    const std::string argument =
        ok ? kept_releases(run) : (run.makes_directory ? run.release_directory : "");
    task.command =
        spec::DirectCommand{{"sh", "-e", "-u", "-c", ok ? kTidy : kDiscard, "sh", argument}};
    const auto answer = [this, app = run.request.app, reply](const status::Exit&) {
        const auto found = runs_.find(app);
        if (found == runs_.end()) return;
        const std::unique_ptr<DeployRun> over = std::move(found->second);
        runs_.erase(found);
        put(app, kRunning, "");
        log::info("app=" + app + " release=" + std::to_string(over->release) + " reason=\"" +
                  reply.message + "\"");
        for (const api::DeployListener& listener : over->listeners)
            listener.on_end(reply);
    };
    const auto started = daemon_.tasks_->start(
        task, [](std::string_view) {}, answer);
    if (!started) answer(status::ExitUnknown{});
}

void Deploys::take_up(CoreIs core) {
    daemon_.tasks_->kill_strays();
    for (const std::string& app : daemon_.store_.names()) {
        const std::string* noted = daemon_.store_.find(app, kRunning);
        if (noted == nullptr) continue;
        const std::string running = *noted;
        put(app, kRunning, "");
        const std::string* operation = daemon_.store_.find(app, kOperation);
        if (operation == nullptr || core == CoreIs::New) {
            put(app, kOperation, "");
            daemon_.warn("deploy " + app,
                         "a deploy of " + app + " ended with the reeved that carried it out; " +
                             "what ran before is untouched",
                         "deploy it again");
            continue;
        }
        // It had come to its start, which the core carries on with.
        auto owned = std::make_unique<DeployRun>();
        DeployRun& run = *owned;
        run.request.app = app;
        run.machine = core::Deploy::resume({});
        const auto number = parse_integer(running);
        run.release = number ? static_cast<std::uint32_t>(*number) : next_release(app);
        run.directory = daemon_.paths_.state_dir + "/apps/" + escape_name(app);
        const auto id = parse_hex(*operation);
        const std::string* user = daemon_.store_.find(app, "deploy/user");
        const Result<os::User> found = os::find_user(user == nullptr ? "0" : *user);
        const std::string* spec = daemon_.store_.find(app, "deploy/release");
        Result<spec::App> planned = spec == nullptr ? Error{"none"} : spec::app_from_json(*spec);
        if (!id || !planned || !found) continue;
        run.user = *found;
        run.plan.app = std::move(*planned);
        run.release_directory = run.plan.app.directory;
        for (const spec::Service& service : run.plan.app.services)
            run.plan.scale[service.name] = service.instances;
        run.operation = *id;
        runs_[app] = std::move(owned);
        carry_on(run);
    }
}

void Deploys::forget(const std::string& app) {
    const std::string directory = daemon_.paths_.state_dir + "/apps/" + escape_name(app);
    const Result<uid_t> owner = owner_of(directory);
    if (!owner) return;
    drivers::Task task;
    task.app = app;
    task.name = "tidy";
    task.user = ::geteuid() == 0 ? std::to_string(*owner) : "";
    task.working_dir = directory;
    task.command = spec::DirectCommand{{"sh", "-c", kRemoveAll}};
    const auto removed = [directory](const status::Exit&) { ::rmdir(directory.c_str()); };
    const auto started = daemon_.tasks_->start(
        task, [](std::string_view) {}, removed);
    if (!started) daemon_.warn("app " + app, directory + " was not removed", "remove it by hand");
}

}  // namespace reeve::daemon
