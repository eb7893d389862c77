#include "api/permitted_backend.h"

#include <errno.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"

namespace reeve::api {
namespace {

std::string_view word(Access access) {
    switch (access) {
        case Access::View:
            return "view";
        case Access::Operate:
            return "operate";
        case Access::Deploy:
            return "deploy";
        case Access::Admin:
            return "admin";
    }
    return "";
}

std::string refusal_text(std::string_view what, Access access, const Peer& peer,
                         const std::string& app) {
    return std::string(what) + " needs the role " + std::string(word(access)) +
           (app.empty() ? "" : " on the app " + app) + ", which uid " + std::to_string(peer.uid) +
           " does not have";
}

OperationReply not_permitted(const Peer& peer, const std::string& app) {
    OperationReply reply;
    reply.code = Code::NotPermitted;
    reply.message = needs_role(Access::Deploy, peer, app);
    return reply;
}

/// What an operation needs, and on which apps.
struct Need {
    Access access = Access::Admin;
    std::set<std::string> apps;  // by name; none: on reeve itself
    std::string why;             // where that is not plain
};

class NeedOf {
public:
    NeedOf(const Backend& backend, const Peer& peer) : backend_(backend), peer_(peer) {}

    Need operator()(const Load& verb) const {
        // Whoever may say as whom an app runs may do all that this user may.
        const bool foreign = backend_.names_foreign_user(peer_, *verb.app);
        // reeve writes such a file with its own rights.
        const bool writes = verb.app->change_log && !verb.app->change_log->path.empty();
        if (foreign)
            return {Access::Admin, {verb.app->name}, "it would run as root or another user"};
        if (writes) return {Access::Admin, {verb.app->name}, "it names a file that reeve writes"};
        return {Access::Deploy, {verb.app->name}, ""};
    }
    Need operator()(const Unload& verb) const { return {Access::Deploy, {verb.app}, ""}; }
    Need operator()(const Start& verb) const { return on(verb.targets); }
    Need operator()(const Stop& verb) const { return on(verb.targets); }
    Need operator()(const Restart& verb) const { return on(verb.targets); }
    Need operator()(const Signal& verb) const { return on(verb.targets); }
    Need operator()(const Reload& verb) const { return on(verb.targets); }
    Need operator()(const Unmonitor& verb) const { return on(verb.targets); }
    Need operator()(const Scale& verb) const { return {Access::Operate, {verb.app}, ""}; }
    // What a job is given as a variable (LD_PRELOAD) decides what it executes, as its user.
    Need operator()(const Emit& verb) const {
        return {verb.event.variables.empty() ? Access::Operate : Access::Admin, {}, ""};
    }
    Need operator()(const JobCommand& verb) const {
        return {verb.variables.empty() ? Access::Operate : Access::Admin, {verb.app}, ""};
    }
    Need operator()(const SetVariables& verb) const { return {Access::Admin, {verb.app}, ""}; }
    Need operator()(const Shutdown&) const { return {Access::Admin, {}, ""}; }

private:
    // A pattern means every app that it matches; what matches none is for the core to refuse.
    Need on(const std::vector<spec::Target>& targets) const {
        Need need{Access::Operate, {}, ""};
        for (const spec::Target& target : targets) {
            bool found = false;
            for (const status::App& app : backend_.apps()) {
                if (!glob_matches(target.app, app.name)) continue;
                need.apps.insert(app.name);
                found = true;
            }
            if (!found) need.apps.insert(target.app);
        }
        return need;
    }

    const Backend& backend_;
    const Peer& peer_;
};

}  // namespace

bool PermittedBackend::permits(const Peer& peer, Access access, const std::string& app) const {
    return backend_.permits(peer, access, app);
}

bool PermittedBackend::may_see(const std::string& app) const {
    return backend_.permits(peer_, Access::View, app);
}

void PermittedBackend::visit_instances(const std::vector<spec::Target>& targets,
                                       const std::function<void(status::Instance&)>& visit) const {
    std::string last;  // instances come in the order of their apps
    bool visible = false;
    bool first = true;
    backend_.visit_instances(targets, [&](status::Instance& instance) {
        if (std::exchange(first, false) || instance.name.app != last) {
            last = instance.name.app;
            visible = may_see(last);
        }
        if (visible) visit(instance);
    });
}

std::vector<status::App> PermittedBackend::apps() const {
    std::vector<status::App> all = backend_.apps();
    std::erase_if(all, [this](const status::App& app) { return !may_see(app.name); });
    return all;
}

Result<status::Jobs> PermittedBackend::jobs(const status::JobQuery& query) const {
    Result<status::Jobs> found = backend_.jobs(query);
    if (!found) return found;
    std::erase_if(found->jobs, [this](const status::Job& job) { return !may_see(job.app); });
    for (status::Job& job : found->jobs) {
        if (may_configure(job.app)) continue;
        for (status::JobInstance& instance : job.instances)
            instance.environment.clear();
    }
    if (found->jobs.empty() && !query.job.empty())
        return Error{"Unknown job: " + query.job, ENOENT};
    return found;
}

std::string PermittedBackend::log_path(const spec::InstanceName& instance) const {
    return may_see(instance.app) ? backend_.log_path(instance) : "";
}

std::vector<Process> PermittedBackend::processes(const status::Instance& instance) const {
    return may_see(instance.name.app) ? backend_.processes(instance) : std::vector<Process>();
}

void PermittedBackend::query_history(const HistoryQuery& query, HistoryAnswer answer) {
    backend_.query_history(query, [&backend = backend_, peer = peer_, answer = std::move(answer)](
                                      const Result<std::vector<status::Transition>>& found) {
        if (!found) return answer(found);
        std::vector<status::Transition> visible;
        for (const status::Transition& transition : *found) {
            if (backend.permits(peer, Access::View, transition.instance.app))
                visible.push_back(transition);
        }
        answer(visible);
    });
}

Result<std::vector<PlannedStep>> PermittedBackend::plan(const spec::App& app) const {
    if (!backend_.permits(peer_, Access::Deploy, app.name))
        return Error{needs_role(Access::Deploy, peer_, app.name), EPERM};
    return backend_.plan(app);
}

Result<void> PermittedBackend::upgrade(const std::string& directory) {
    return backend_.upgrade(directory);
}

void PermittedBackend::submit(OperationRequest request, const Peer& peer, OperationAnswer answer) {
    const Result<void> permitted = check_permission(backend_, peer, request.verb);
    if (permitted) return backend_.submit(std::move(request), peer, std::move(answer));
    OperationReply reply;
    reply.code = Code::NotPermitted;
    reply.message = permitted.error().message;
    answer(reply);
}

std::vector<std::string> PermittedBackend::app_names() const {
    std::vector<std::string> names = backend_.app_names();
    std::erase_if(names, [this](const std::string& name) { return !may_see(name); });
    return names;
}

// What is remembered holds secrets: it is for those who may change it.
bool PermittedBackend::may_configure(const std::string& app) const {
    return backend_.permits(peer_, Access::Deploy, app == kGlobalApp ? "*" : app);
}

std::optional<Records> PermittedBackend::records(const std::string& app) const {
    return may_configure(app) ? backend_.records(app) : std::nullopt;
}

void PermittedBackend::change_store(const StoreChange& change, const Peer& peer,
                                    OperationAnswer answer) {
    const bool permitted =
        may_configure(change.app) && (change.new_name.empty() || may_configure(change.new_name));
    if (permitted) return backend_.change_store(change, peer, std::move(answer));
    answer(not_permitted(peer, change.app));
}

void PermittedBackend::deploy(const DeployRequest& request, const Peer& peer,
                              DeployListener listener) {
    if (may_configure(request.app)) return backend_.deploy(request, peer, std::move(listener));
    listener.on_end(not_permitted(peer, request.app));
}

std::string needs_role(Access access, const Peer& peer, const std::string& app) {
    return refusal_text("this", access, peer, app);
}

Result<void> check_permission(const Backend& backend, const Peer& peer, const Verb& verb) {
    const Need need = std::visit(NeedOf(backend, peer), verb);
    const auto refuse = [&](const std::string& app) {
        return Error{refusal_text(name(verb), need.access, peer, app) +
                         (need.why.empty() ? "" : ": " + need.why),
                     EPERM};
    };
    if (need.apps.empty()) {
        if (backend.permits(peer, need.access, "*")) return {};
        return refuse("");
    }
    for (const std::string& app : need.apps) {
        if (!backend.permits(peer, need.access, app)) return refuse(app);
    }
    return {};
}

}  // namespace reeve::api
