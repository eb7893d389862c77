#include <sys/random.h>
#include <sys/stat.h>

#include <set>
#include <utility>

#include "base/text.h"
#include "core/reload_plan.h"
#include "daemon/app_source.h"
#include "daemon/daemon.h"
#include "daemon/deploy_run.h"
#include "daemon/deploy_scripts.h"
#include "daemon/deploys.h"
#include "formats/diagnostic.h"

// What each stage of a deploy does.
namespace reeve::daemon {
namespace {

constexpr const char* kRevisionFile = "revision";  // in the app's directory; git's, as fetched
constexpr const char* kDefaultWebFile = ".reeve-default-web";

/// The commit that git:sync brought last; empty: none, or it cannot be read.
std::string fetched_revision(const DeployRun& run) {
    const auto read = read_source_file(run.directory, kRevisionFile);
    return read && *read ? std::string(trim(**read)) : "";
}

std::string random_secret() {
    unsigned char bytes[32];
    std::string text;
    if (::getrandom(bytes, sizeof bytes, 0) != sizeof bytes) return text;
    constexpr char kDigits[] = "0123456789abcdef";
    for (const unsigned char byte : bytes)
        text += {kDigits[byte >> 4], kDigits[byte & 15]};
    return text;
}

std::uint64_t random_operation() {
    std::uint64_t id = 0;
    while (::getrandom(&id, sizeof id, 0) != sizeof id || id == 0)
        continue;
    return id;
}

std::string without_slashes(std::string path) {
    while (path.ends_with('/'))
        path.pop_back();
    while (path.starts_with('/'))
        path.erase(0, 1);
    return path;
}

drivers::Task task_of(const DeployRun& run, const std::string& name) {
    drivers::Task task;
    task.app = run.request.app;
    task.name = name;
    task.user = run.user.name;
    task.working_dir = run.directory;
    task.environment = run.plan.app.environment;
    return task;
}

spec::Command script(const char* text, std::vector<std::string> arguments) {
    std::vector<std::string> argv = {"sh", "-e", "-u", "-c", text, "sh"};
    argv.insert(argv.end(), std::make_move_iterator(arguments.begin()),
                std::make_move_iterator(arguments.end()));
    return spec::DirectCommand{std::move(argv)};
}

bool keeps_code(api::DeployKind kind) {
    return kind == api::DeployKind::Config || kind == api::DeployKind::Rollback;
}

}  // namespace

void Deploys::carry_on(DeployRun& run) {
    if (std::holds_alternative<core::DeployOutcome>(run.machine.step())) return finish(run);
    run.tail.clear();
    run.unfinished_line.clear();
    do_stage(run);
}

void Deploys::do_stage(DeployRun& run) {
    const formats::appjson::Scripts& scripts = run.plan.scripts;
    switch (std::get<core::DeployStage>(run.machine.step())) {
        case core::DeployStage::Fetch:
            return fetch(run);
        case core::DeployStage::Validate:
            return validate(run);
        case core::DeployStage::Build:
            return build(run);
        case core::DeployStage::Predeploy:
            run.say_verbose("Executing predeploy task from app.json: " + scripts.dokku_predeploy);
            return run_command(run, "predeploy", scripts.dokku_predeploy, scripts.dokku_predeploy,
                               "predeploy");
        case core::DeployStage::Release: {
            const std::string command = spec::to_text(*run.plan.app.release_command);
            run.say_verbose("Executing release task from Procfile: " + command);
            const auto* shell = std::get_if<spec::ShellCommand>(&*run.plan.app.release_command);
            return run_command(run, "release", command, shell ? shell->text : command, "release");
        }
        case core::DeployStage::FirstDeploy:
            run.say_verbose("Executing postdeploy task from app.json: " + scripts.postdeploy);
            return run_command(run, "postdeploy", scripts.postdeploy, scripts.postdeploy,
                               "heroku.postdeploy");
        case core::DeployStage::Start:
            return start(run);
        case core::DeployStage::Postdeploy:
            run.say_verbose("Executing postdeploy task from app.json: " + scripts.dokku_postdeploy);
            return run_command(run, "postdeploy", scripts.dokku_postdeploy,
                               scripts.dokku_postdeploy, "postdeploy");
    }
}

/// Source: dokku plugins/app-json execute_script; its messages and frames.
void Deploys::run_command(DeployRun& run, const std::string& name, const std::string& shown,
                          const std::string& command, const std::string& failure) {
    drivers::Task task = task_of(run, name);
    task.working_dir = run.release_directory;
    task.command =
        spec::ShellCommand{"set -e; set -o pipefail || true; " + command, spec::Shell::Bash};
    const std::string app = run.request.app;
    run.say_heading("Start of " + app + " " + name + " task output");
    const auto ended = [this, app, name, shown, failure](const status::Exit& exit) {
        DeployRun& now = *runs_.at(app);
        now.say_heading("End of " + app + " " + name + " task output");
        if (status::is_success(exit)) {
            now.machine.stage_done();
        } else {
            now.machine.stage_failed("Execution of " + failure + " task failed: " + shown + " (" +
                                     status::to_text(exit) + ")");
        }
        carry_on(now);
    };
    const auto started = daemon_.tasks_->start(
        task, [this, app](std::string_view text) { runs_.at(app)->take_output(text); }, ended);
    if (started) return;
    run.machine.stage_failed(started.error().message);
    carry_on(run);
}

void Deploys::fetch(DeployRun& run) {
    const api::DeployRequest& request = run.request;
    const std::string source = request.metadata.empty() ? request.source : request.metadata;
    run.say("Fetching the source of " + request.app + " from " + source);
    drivers::Task task = task_of(run, "fetch");
    if (request.kind == api::DeployKind::Git) {
        run.fetched_before = fetched_revision(run);
        task.command = script(kFetchGit, {run.new_source, request.source, request.reference,
                                          run.directory + "/" + kRevisionFile});
    } else {
        const bool archive = request.kind == api::DeployKind::Archive;
        task.command =
            script(archive ? kFetchArchive : kFetchDirectory, {run.new_source, request.source});
    }
    const auto ended = [this, app = request.app](const status::Exit& exit) {
        DeployRun& now = *runs_.at(app);
        if (status::is_success(exit)) {
            now.machine.stage_done();
        } else {
            now.machine.stage_failed("the source could not be fetched: " + status::to_text(exit));
        }
        carry_on(now);
    };
    const auto started = daemon_.tasks_->start(
        task,
        [this, app = request.app](std::string_view text) { runs_.at(app)->take_output(text); },
        ended);
    if (started) return;
    run.machine.stage_failed(started.error().message);
    carry_on(run);
}

/// Whether what was fetched is deployed already, or was, and has been rolled back since: it was
/// fetched the last time as well, and an earlier release has it.
bool Deploys::has_known_source(const DeployRun& run) const {
    const std::string& app = run.request.app;
    const std::string fetched = fetched_revision(run);
    const std::string* current = daemon_.store_.find(app, "app/release");
    if (fetched.empty() || current == nullptr) return false;
    for (const auto& [number, info] : daemon_.store_.area(app, "release-info")) {
        const bool counts = number == *current || fetched == run.fetched_before;
        if (counts && info.find("\t" + fetched + "\t") != std::string::npos) return true;
    }
    return false;
}

/// Whether what runs, or was stopped, is what would be started now.
bool Deploys::is_as_planned(const DeployRun& run) const {
    const std::shared_ptr<const spec::App> known = daemon_.manager_->find_app(run.request.app);
    if (known == nullptr) return false;
    for (const core::ServiceStep& step : core::plan_reload(*known, run.plan.app)) {
        if (step.change != core::ServiceChange::Keep) return false;
        const spec::Service* before = spec::find_service(*known, step.service);
        const spec::Service* after = spec::find_service(run.plan.app, step.service);
        if (before->needs != after->needs) return false;
    }
    for (const status::App& app : daemon_.manager_->apps()) {
        if (app.name != run.request.app) continue;
        for (const status::App::Formation& one : app.formation) {
            if (spec::find_service(run.plan.app, one.service)->instances != one.wanted)
                return false;
        }
    }
    return true;
}

/// Reads what the release is to be, and plans the stages.
void Deploys::validate(DeployRun& run) {
    const std::string& app = run.request.app;
    core::DeployPlan plan;
    const bool is_git = run.request.kind == api::DeployKind::Git;
    run.unchanged = run.request.if_changed && is_git && has_known_source(run);
    if (run.unchanged) run.say("Skipping build as no changes were detected");
    if (run.request.fetch_only || run.unchanged) {
        plan.starts = false;
        run.machine.set_plan(plan);
        run.machine.stage_done();
        return carry_on(run);
    }
    const std::string* current = daemon_.store_.find(app, "app/release");
    const auto current_number = parse_integer(current == nullptr ? "" : *current);
    const std::uint32_t number =
        run.request.kind == api::DeployKind::Rollback
            ? run.request.release
            : static_cast<std::uint32_t>(current_number ? *current_number : 0);
    Result<void> read;
    if (keeps_code(run.request.kind)) {
        read = read_release(run, number);
    } else {
        const bool fetched = run.request.kind != api::DeployKind::Rebuild;
        read = read_source(run, fetched ? run.new_source : run.directory + "/source", false);
        run.release_directory = run.directory + "/releases/" + std::to_string(run.release);
        run.makes_directory = true;
        plan.builds = true;
        plan.predeploys = !run.plan.scripts.dokku_predeploy.empty();
        plan.releases = run.plan.app.release_command.has_value();
        plan.is_first = run.is_first && !run.plan.scripts.postdeploy.empty();
        plan.postdeploys = !run.plan.scripts.dokku_postdeploy.empty();
    }
    plan.starts = daemon_.store_.effective(app, "ps/skip-deploy", "false") != "true";
    run.unchanged =
        run.request.if_changed && !is_git && read && (!plan.starts || is_as_planned(run));
    if (run.unchanged) plan.starts = false;
    const bool is_locked = daemon_.store_.find(app, "app/locked") != nullptr;
    const bool asked = run.request.if_changed && run.request.kind == api::DeployKind::Config;
    if (read && is_locked && asked && !run.unchanged) read = Error{locked_text(app)};
    run.machine.set_plan(plan);
    if (read) {
        run.machine.stage_done();
    } else {
        run.machine.stage_failed(read.error().message);
    }
    carry_on(run);
}

/// An earlier release: as it was (Rollback), or its code with the present config.
Result<void> Deploys::read_release(DeployRun& run, std::uint32_t number) {
    const std::string& app = run.request.app;
    const std::string key = std::to_string(number);
    const std::string* stored = daemon_.store_.find(app, "release/" + key);
    const std::string* directory = daemon_.store_.find(app, "release-dir/" + key);
    if (stored == nullptr || directory == nullptr) {
        return Error{number == 0 ? "App " + app + " has not been deployed"
                                 : "there is no release " + key + " of " + app +
                                       "; `reeve releases " + app + "` shows those that are kept"};
    }
    run.release_directory = run.directory + "/releases/" + *directory;
    const spec::App earlier = TRY(spec::app_from_json(*stored));
    const auto revision = earlier.environment.find("GIT_REV");
    if (revision != earlier.environment.end()) run.revision = revision->second;
    if (run.request.kind == api::DeployKind::Config) {
        return read_source(run, run.release_directory, true);
    }
    run.plan.app = earlier;
    for (const spec::Service& service : earlier.services)
        run.plan.scale[service.name] = service.instances;
    run.say("Rolling " + app + " back to release " + key);
    return {};
}

/// Plans the release out of the files in a directory; the final ones are those that were built.
Result<void> Deploys::read_source(DeployRun& run, const std::string& directory, bool is_final) {
    const std::string& app = run.request.app;
    const AppStore& store = daemon_.store_;
    ReleaseInputs inputs;
    inputs.app = app;
    inputs.directory = run.release_directory;
    if (inputs.directory.empty()) inputs.directory = directory;
    inputs.user = run.user.name;
    inputs.procfile_name = without_slashes(store.effective(app, "ps/procfile-path", "Procfile"));
    inputs.app_json_name =
        without_slashes(store.effective(app, "app-json/appjson-path", "app.json"));
    inputs.procfile = TRY(read_source_file(directory, inputs.procfile_name));
    inputs.app_json = TRY(read_source_file(directory, inputs.app_json_name));
    inputs.is_first = run.is_first;
    const bool from_git = run.request.kind == api::DeployKind::Git && run.revision.empty();
    if (from_git) run.revision = fetched_revision(run);
    inputs.revision = run.revision;
    inputs.make_secret = random_secret;
    const auto packs = TRY(read_source_file(directory, ".buildpacks"));
    const std::string listed = store.effective(app, "buildpacks/list", packs.value_or(""));
    run.buildpacks = listed;
    run.build_command = store.effective(app, "builder/build-command", "");
    inputs.default_web = store.effective(app, "ps/start-cmd", "");
    if (is_final) {
        const auto offered = TRY(read_source_file(directory, kDefaultWebFile));
        if (inputs.default_web.empty() && offered) inputs.default_web = trim(*offered);
        struct stat found {};
        inputs.has_profile = ::stat((directory + "/.profile.d").c_str(), &found) == 0;
    } else if (inputs.default_web.empty() && !listed.empty()) {
        inputs.default_web = "true";  // the buildpack has still to say it
    }
    const auto dockerfile = read_source_file(directory, "Dockerfile");
    if (!inputs.procfile && inputs.default_web.empty() && dockerfile && *dockerfile) {
        return Error{
            "a Dockerfile is not built: reeve runs plain processes. Add a Procfile that names the "
            "commands (`web: …`), and `scripts.build` in app.json for what RUN did"};
    }
    if (!is_final && ::access((directory + "/CHECKS").c_str(), F_OK) == 0) {
        run.warn("CHECKS is not read: write its checks as `healthchecks` into " +
                 inputs.app_json_name);
    }
    formats::Reading<ReleasePlan> reading = plan_release(inputs, store);
    std::string problems;
    for (const formats::Diagnostic& diagnostic : reading.diagnostics) {
        const bool is_error = diagnostic.severity == formats::Severity::Error;
        if (is_error) problems += (problems.empty() ? "" : "; ") + diagnostic.message;
        if (is_error || is_final) {
            run.warn(diagnostic.line == 0
                         ? diagnostic.message
                         : diagnostic.file + ":" + std::to_string(diagnostic.line) + ": " +
                               diagnostic.message);
        }
    }
    if (!reading.ok()) return Error{"Invalid source: " + problems};
    run.plan = std::move(reading.value);
    if (run.build_command.empty()) run.build_command = run.plan.scripts.build;
    return {};
}

void Deploys::build(DeployRun& run) {
    const std::string& app = run.request.app;
    const bool fetched = run.request.kind != api::DeployKind::Rebuild;
    const std::string source = fetched ? run.new_source : run.directory + "/source";
    run.say("Building " + app);
    drivers::Task task = task_of(run, "build");
    if (run.build_command.empty() && !run.buildpacks.empty()) {
        task.command = script(kBuildWithBuildpacks,
                              {run.release_directory, source, run.buildpacks,
                               run.directory + "/cache", run.directory + "/environment"});
    } else {
        run.say(run.build_command.empty() ? "No build command and no buildpack: used as it is"
                                          : "Build command: " + run.build_command);
        task.command = script(kBuild, {run.release_directory, source, run.build_command});
    }
    const auto ended = [this, app](const status::Exit& exit) {
        DeployRun& now = *runs_.at(app);
        if (status::is_success(exit)) return finish_build(now);
        now.machine.stage_failed("the build failed: " + status::to_text(exit));
        carry_on(now);
    };
    const auto started = daemon_.tasks_->start(
        task, [this, app](std::string_view text) { runs_.at(app)->take_output(text); }, ended);
    if (started) return;
    run.machine.stage_failed(started.error().message);
    carry_on(run);
}

/// A build may have made the Procfile; config vars of app.json are kept from now on.
void Deploys::finish_build(DeployRun& run) {
    const Result<void> read = read_source(run, run.release_directory, true);
    if (!read) {
        run.machine.stage_failed(read.error().message);
        return carry_on(run);
    }
    if (!run.plan.new_config.empty()) {
        run.say_verbose("Setting " + std::to_string(run.plan.new_config.size()) +
                        " env var(s) from app.json");
        for (const auto& [name, value] : run.plan.new_config)
            put(run.request.app, "config/" + name, value);
    }
    run.say("Releasing " + run.request.app + "...");
    run.machine.stage_done();
    carry_on(run);
}

/// What the app is linked to is started first; what is missing fails the start by its name.
void Deploys::start_needs(const DeployRun& run) {
    std::set<std::pair<std::string, std::string>> seen;
    for (const spec::Service& service : run.plan.app.services) {
        for (const spec::Need& need : service.needs) {
            const bool is_own = need.app.empty() || need.app == run.request.app;
            if (is_own || !seen.emplace(need.app, need.service).second) continue;
            if (daemon_.manager_->find_app(need.app) == nullptr) continue;
            daemon_.command(core::Start{{spec::Target{need.app, need.service}}},
                            run.request.app + " needs it");
        }
    }
}

/// Everything new is started beside the old, and switched to when all of it is ready.
void Deploys::start(DeployRun& run) {
    const std::string& app = run.request.app;
    if (run.operation == 0) {
        run.operation = random_operation();
        run.say("Deploying " + app + "...");
        for (const spec::Service& service : run.plan.app.services) {
            if (service.instances == 0) continue;
            run.say("Deploying " + service.name + " (count=" + std::to_string(service.instances) +
                    ")");
        }
        run.say_verbose("Attempting pre-flight checks");
        put(app, "deploy/release", spec::to_json(run.plan.app));
        put(app, "deploy/user", run.user.name);
        put(app, "deploy/operation", to_hex(run.operation));
    }
    start_needs(run);
    put(app, "deploy/running", std::to_string(run.release));
    core::Command command;
    command.operation = run.operation;
    command.cause.kind = status::CauseKind::Operator;
    command.cause.text = run.cause;
    core::LoadApp load;
    load.app = std::make_shared<const spec::App>(run.plan.app);
    load.together = true;
    command.kind = std::move(load);
    daemon_.operations_.wait(run.operation, api::AnswerWhen::Done,
                             [this, app](const api::OperationReply& reply) {
                                 const auto found = runs_.find(app);
                                 if (found != runs_.end()) started(*found->second, reply);
                             });
    daemon_.events_.push_back(std::move(command));
}

void Deploys::started(DeployRun& run, const api::OperationReply& reply) {
    const std::string& app = run.request.app;
    put(app, "deploy/operation", "");
    put(app, "deploy/release", "");
    if (reply.code == api::Code::Done) {
        run.say_verbose("All checks successful");
        remember_release(run);
        run.say("Running post-deploy");
        return follow_with_proxy(run);
    }
    run.problems = reply.problems;
    const std::string why = reply.problems.empty() ? reply.message : reply.problems.front();
    run.machine.stage_failed("Could not start due to failed checks: " + why);
    if (run.is_first) {
        // Nothing ran before: nothing is left to crash on.
        core::Command command;
        command.operation = random_operation();
        command.cause.kind = status::CauseKind::Operator;
        command.cause.text = run.cause;
        command.kind = core::UnloadApp{app};
        daemon_.events_.push_back(std::move(command));
    }
    carry_on(run);
}

/// Who is told of the end can ask the app at once.
void Deploys::follow_with_proxy(const DeployRun& run) {
    const auto followed = [this, app = run.request.app](const Result<void>& result) {
        const auto found = runs_.find(app);
        if (found == runs_.end()) return;
        if (!result) found->second->warn("nginx: " + result.error().message);
        found->second->machine.stage_done();
        carry_on(*found->second);
    };
    daemon_.proxy_->build(*daemon_.manager_, run.request.app, followed);
}

}  // namespace reeve::daemon
