#include "daemon/backend.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "base/text.h"
#include "core/reload_plan.h"
#include "daemon/deploys.h"
#include "daemon/process_report.h"
#include "drivers/loop.h"
#include "link/keeper_protocol.h"
#include "os/fd.h"
#include "os/users.h"

namespace reeve::daemon {
namespace {

/// Time for the answer to reach the client.
constexpr Duration kUpgradeDelay = 50ms;

api::Finding scribe_finding(const drivers::ScribeClient& scribe) {
    using Level = api::Finding::Level;
    if (!scribe.attached()) {
        return {Level::Warning, "scribe", "is not there at the moment",
                "look into the keeper's output: it starts the scribe again"};
    }
    const std::size_t waiting = scribe.unacknowledged();
    if (waiting == 0) return {Level::Ok, "scribe", "writes logs, intent and ledger", ""};
    return {Level::Note, "scribe", std::to_string(waiting) + " changes are not yet on disk",
            "if that stays so, look into the keeper's output and at the disk"};
}

/// What is wrong with the rules of reeve.toml.
std::vector<api::Finding> role_findings(Roles& roles) {
    using Level = api::Finding::Level;
    std::vector<api::Finding> findings;
    if (!roles.problem().empty()) {
        findings.push_back({Level::Warning, "roles", roles.problem(),
                            "mend the file: until then only root is let in"});
    }
    for (const std::string& name : roles.unknown_names()) {
        findings.push_back({Level::Warning, "roles", name,
                            "correct the name, or make it and then change the file"});
    }
    return findings;
}

core::JobCommand::Verb to_core(api::JobCommand::What what) {
    switch (what) {
        case api::JobCommand::What::Start:
            return core::JobCommand::Verb::Start;
        case api::JobCommand::What::Stop:
            return core::JobCommand::Verb::Stop;
        case api::JobCommand::What::Restart:
            return core::JobCommand::Verb::Restart;
        case api::JobCommand::What::Reload:
            break;
    }
    return core::JobCommand::Verb::Reload;
}

core::CommandKind to_command(api::Verb verb, api::AnswerWhen when) {
    struct Translate {
        api::AnswerWhen answer_when;
        core::CommandKind operator()(api::Load& v) {
            return core::LoadApp{std::move(v.app), v.start};
        }
        core::CommandKind operator()(api::Unload& v) { return core::UnloadApp{std::move(v.app)}; }
        core::CommandKind operator()(api::Start& v) { return core::Start{std::move(v.targets)}; }
        core::CommandKind operator()(api::Stop& v) { return core::Stop{std::move(v.targets)}; }
        core::CommandKind operator()(api::Restart& v) {
            return core::Restart{std::move(v.targets)};
        }
        core::CommandKind operator()(api::Signal& v) {
            return core::Signal{std::move(v.targets), v.signal};
        }
        core::CommandKind operator()(api::Scale& v) {
            core::Scale scale{std::move(v.app), {}};
            for (api::Scale::Count& count : v.counts) {
                scale.counts.push_back({std::move(count.service), count.instances});
            }
            return scale;
        }
        core::CommandKind operator()(api::Unmonitor& v) {
            return core::Unmonitor{std::move(v.targets)};
        }
        core::CommandKind operator()(api::Shutdown&) { return core::Shutdown{}; }
        core::CommandKind operator()(api::Emit& v) {
            return core::Emit{std::move(v.event), answer_when == api::AnswerWhen::Done};
        }
        core::CommandKind operator()(api::JobCommand& v) {
            return core::JobCommand{to_core(v.what), std::move(v.app), std::move(v.job),
                                    std::move(v.variables), std::move(v.key)};
        }
        core::CommandKind operator()(api::SetVariables& v) {
            return core::SetVariables{std::move(v.app), std::move(v.job), std::move(v.key),
                                      v.reset,          std::move(v.set), std::move(v.unset),
                                      v.keep_existing};
        }
        core::CommandKind operator()(api::Reload& v) { return core::Reload{std::move(v.targets)}; }
    };
    return std::visit(Translate{when}, verb);
}

/// The apps that a verb changes in a way that a deploy must not meet. A stop or a signal is never
/// kept waiting.
std::vector<std::string> changed_apps(const api::Verb& verb) {
    struct Names {
        std::vector<std::string> operator()(const api::Load& v) const { return {v.app->name}; }
        std::vector<std::string> operator()(const api::Unload& v) const { return {v.app}; }
        std::vector<std::string> operator()(const api::Scale& v) const { return {v.app}; }
        std::vector<std::string> operator()(const api::Start& v) const {
            return apps_of(v.targets);
        }
        std::vector<std::string> operator()(const api::Restart& v) const {
            return apps_of(v.targets);
        }
        std::vector<std::string> operator()(const api::Unmonitor& v) const {
            return apps_of(v.targets);
        }
        std::vector<std::string> operator()(const api::Stop&) const { return {}; }
        std::vector<std::string> operator()(const api::Signal&) const { return {}; }
        std::vector<std::string> operator()(const api::Reload&) const { return {}; }
        std::vector<std::string> operator()(const api::Shutdown&) const { return {}; }
        // Jobs are not deployed.
        std::vector<std::string> operator()(const api::Emit&) const { return {}; }
        std::vector<std::string> operator()(const api::JobCommand&) const { return {}; }
        std::vector<std::string> operator()(const api::SetVariables&) const { return {}; }

        static std::vector<std::string> apps_of(const std::vector<spec::Target>& targets) {
            std::vector<std::string> names;
            for (const spec::Target& target : targets)
                names.push_back(target.app);
            return names;
        }
    };
    return std::visit(Names{}, verb);
}

/// `uid 0 pid 4711: reeve restart shop`.
std::string cause_text(const api::Peer& peer, const std::string& command_line) {
    return "uid " + std::to_string(peer.uid) + " pid " + std::to_string(peer.pid) + ": " +
           command_line;
}

api::OperationReply refusal(api::Code code, std::string message) {
    api::OperationReply reply;
    reply.code = code;
    reply.message = std::move(message);
    return reply;
}

/// All jobs of Upstart are one app: their files may be named in another way than before, as long as
/// no job goes away by that.
bool keeps_all_jobs(const spec::App& known, const spec::App& loaded) {
    const bool are_jobs =
        known.format == spec::Format::Upstart && loaded.format == spec::Format::Upstart;
    return are_jobs && std::all_of(known.services.begin(), known.services.end(),
                                   [&loaded](const spec::Service& service) {
                                       return spec::find_service(loaded, service.name) != nullptr;
                                   });
}

std::string loaded_from_elsewhere(const spec::App& known, const spec::App& loaded) {
    const std::string text =
        "app " + known.name + " is loaded from " + known.source + ", and " + loaded.source;
    if (loaded.format == spec::Format::Upstart)
        return text + " lacks some of its jobs; unload " + known.name + " first";
    return text + " has the same name; load it with --as NAME, or unload the other";
}

std::string kernel_release() {
    utsname name{};
    return ::uname(&name) == 0 ? name.release : "unknown";
}

/// Whether these are somebody else's than the peer's; the user of apps without one is nobody's.
bool is_foreign(const api::Peer& peer, const spec::Credentials& who) {
    if (!who.group.empty() || !who.supplementary_groups.empty()) return true;
    const Result<os::User> user =
        who.user.empty() ? os::default_app_user() : os::find_user(who.user);
    const bool is_for_all = who.user.empty() && user && user->uid != ::geteuid();
    return !is_for_all && (!user || user->uid != peer.uid);
}

}  // namespace

bool DaemonBackend::permits(const api::Peer& peer, api::Access access,
                            const std::string& app) const {
    return daemon_.roles_.permits(peer, access, app);
}

api::Moment DaemonBackend::now() const {
    return {drivers::steady_now(), drivers::wall_now()};
}

api::DaemonInfo DaemonBackend::daemon_info() const {
    api::DaemonInfo info;
    info.version = REEVE_VERSION;
    info.pid = ::getpid();
    info.keeper_pid = ::getppid();
    info.mode = os::to_text(daemon_.containment_.mode());
    info.since = daemon_.since_;
    for (const auto& [subject, warning] : daemon_.warnings_) {
        const char* where = warning.advice.empty() ? "" : "; see `reeve doctor`";
        info.warnings.push_back(warning.text + where);
    }
    for (const api::Finding& finding : role_findings(daemon_.roles_))
        info.warnings.push_back(finding.text);
    info.upgrade_note = daemon_.upgrade_note_;
    for (const auto& [app, note] : daemon_.rebuilds_->notes())
        info.warnings.push_back(app + ": " + note);
    for (const auto& [app, problem] : daemon_.proxy_->problems())
        info.warnings.push_back(app + ": nginx: " + problem);
    return info;
}

int DaemonBackend::scribe_pid() const {
    return child_named(::getppid(), "reeve-scribe");
}

void DaemonBackend::visit_instances(const std::vector<spec::Target>& targets,
                                    const std::function<void(status::Instance&)>& visit) const {
    daemon_.manager_->visit_instances(targets, [&](status::Instance& instance) {
        instance.port = daemon_.ports_.port_of(instance.name, instance.port_slot);
        for (const status::Run& run : instance.runs) {
            if (run.role == "main") instance.limits = daemon_.processes_->limits_of(run.id);
        }
        visit(instance);
    });
}

std::vector<status::App> DaemonBackend::apps() const {
    return daemon_.manager_->apps();
}

Result<status::Jobs> DaemonBackend::jobs(const status::JobQuery& query) const {
    return daemon_.manager_->jobs(query);
}

std::string DaemonBackend::log_path(const spec::InstanceName& instance) const {
    return daemon_.logs_->path_of(instance);
}

std::vector<api::Process> DaemonBackend::processes(const status::Instance& instance) const {
    std::vector<api::Process> all;
    for (const status::Run& run : instance.runs) {
        for (const pid_t pid : daemon_.processes_->members(run.id)) {
            std::optional<api::Process> process = look_at_process(pid);
            if (process) all.push_back(std::move(*process));
        }
    }
    return all;
}

std::vector<api::Finding> DaemonBackend::doctor() const {
    using Level = api::Finding::Level;
    std::vector<api::Finding> findings;
    daemon_.look_up_accounts();
    const os::Containment& containment = daemon_.containment_;
    const bool contained = containment.mode() != os::ContainmentMode::None;
    findings.push_back({contained ? Level::Ok : Level::Warning, "containment",
                        os::to_text(containment.mode()) + ": " + containment.explanation(),
                        contained ? "" : "run reeve as root, or in a delegated cgroup"});
    findings.push_back({Level::Ok, "kernel", kernel_release(), ""});
    const std::size_t files = os::raise_open_files_limit();
    const bool few_files = files < 4096;
    findings.push_back({few_files ? Level::Note : Level::Ok, "descriptors",
                        std::to_string(files) + " at most: enough for about " +
                            std::to_string(files / 3) + " instances",
                        few_files ? "raise the hard limit of open files (LimitNOFILE=)" : ""});
    findings.push_back({Level::Ok, "directories",
                        "run " + daemon_.paths_.run_dir + ", state " + daemon_.paths_.state_dir +
                            ", logs " + daemon_.paths_.log_dir,
                        ""});
    findings.push_back(scribe_finding(*daemon_.scribe_));
    for (api::Finding& finding : role_findings(daemon_.roles_))
        findings.push_back(std::move(finding));
    for (const auto& [subject, warning] : daemon_.warnings_) {
        findings.push_back({Level::Warning, subject, warning.text, warning.advice});
    }
    return findings;
}

void DaemonBackend::query_history(const api::HistoryQuery& query, api::HistoryAnswer answer) {
    link::LedgerQuery asked;
    for (const spec::Target& target : query.targets) {
        asked.targets.push_back({target.app, target.instance});
    }
    asked.rows_max = static_cast<std::uint32_t>(
        std::min<std::size_t>(query.limit == 0 ? 100 : query.limit, link::kLedgerRowsMax));
    daemon_.scribe_->query_ledger(
        std::move(asked),
        [answer = std::move(answer)](Result<std::vector<status::Transition>> rows) {
            if (rows) std::reverse(rows->begin(), rows->end());
            answer(rows);
        });
}

void DaemonBackend::submit(api::OperationRequest request, const api::Peer& peer,
                           api::OperationAnswer answer) {
    if (daemon_.safe_mode_) {
        return answer(refusal(api::Code::Unavailable,
                              "reeve is in safe mode and takes no commands; see `reeve doctor`"));
    }
    if (auto* load = std::get_if<api::Load>(&request.verb)) {
        const Result<void> valid = spec::validate(*load->app);
        if (!valid) return answer(refusal(api::Code::Invalid, valid.error().message));
        const auto known = daemon_.manager_->find_app(load->app->name);
        if (known && known->source != load->app->source && !keeps_all_jobs(*known, *load->app))
            return answer(refusal(api::Code::Invalid, loaded_from_elsewhere(*known, *load->app)));
    }
    for (const std::string& app : changed_apps(request.verb)) {
        if (!daemon_.deploys_->is_deploying(app)) continue;
        return answer(refusal(api::Code::Busy, app + " is being deployed; wait for its end"));
    }
    core::Command command;
    command.operation = request.id;
    command.cause.kind = status::CauseKind::Operator;
    command.cause.text = cause_text(peer, request.command_line);
    command.kind = to_command(std::move(request.verb), request.answer_when);
    if (std::holds_alternative<core::Shutdown>(command.kind)) command.kind = daemon_.farewell();
    const bool jobs_come = daemon_.intent_loaded_ && brings_jobs(command);
    daemon_.operations_.wait(request.id, request.answer_when, std::move(answer));
    daemon_.queue_command(std::move(command));
    if (jobs_come) daemon_.event_sources_->tell_boot();
}

bool DaemonBackend::names_foreign_user(const api::Peer& peer, const spec::App& app) const {
    const auto runs_already = daemon_.manager_->find_app(app.name);
    const bool same_ground = runs_already && runs_already->directory == app.directory;
    // Most services of an app run as the same user, and to look one up may take many files.
    std::vector<const spec::Credentials*> harmless;
    for (const spec::Service& service : app.services) {
        const spec::Service* old =
            runs_already ? spec::find_service(*runs_already, service.name) : nullptr;
        const spec::Credentials& who = service.credentials;
        if (old != nullptr && same_ground && old->credentials == who) continue;
        const bool known = std::any_of(harmless.begin(), harmless.end(),
                                       [&](const auto* seen) { return *seen == who; });
        if (known) continue;
        if (is_foreign(peer, who)) return true;
        harmless.push_back(&who);
    }
    return false;
}

Result<std::vector<api::PlannedStep>> DaemonBackend::plan(const spec::App& app) const {
    const auto before = daemon_.manager_->find_app(app.name);
    if (!before) return Error{"no app " + app.name + " is loaded", 404};
    std::map<std::string, std::uint32_t> wanted;
    for (const status::App& one : daemon_.manager_->apps()) {
        if (one.name != app.name) continue;
        for (const status::App::Formation& formation : one.formation)
            wanted[formation.service] = formation.wanted;
    }
    std::vector<api::PlannedStep> steps;
    for (core::PlannedStep& step : core::describe_reload(*before, app, wanted)) {
        steps.push_back({std::move(step.service), std::string(core::to_text(step.change)),
                         std::move(step.fields)});
    }
    return steps;
}

/// The answer leaves before the keeper is asked: it ends this process.
Result<void> DaemonBackend::upgrade(const std::string& directory) {
    if (daemon_.keeper_version_ < link::kUpgradeSince) {
        return Error{
            "the keeper that runs is too old to be replaced: `reeve shutdown`, then start "
            "it again"};
    }
    if (!directory.empty() && directory.front() != '/')
        return Error{"the directory must be absolute"};
    daemon_.upgrade_note_.clear();
    daemon_.warnings_.erase("upgrade");
    daemon_.upgrade_to_ = directory;
    daemon_.upgrade_alarm_->set(drivers::steady_now() + kUpgradeDelay);
    return {};
}

}  // namespace reeve::daemon
