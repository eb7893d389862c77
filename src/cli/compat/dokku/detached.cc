#include "cli/compat/dokku/detached.h"

#include <signal.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "api/client.h"
#include "base/text.h"
#include "cli/compat/dokku/detached_logs.h"
#include "cli/compat/dokku/proxied.h"
#include "cli/compat/dokku/ps.h"
#include "cli/spec_client.h"
#include "spec/one_off.h"

namespace reeve::cli::compat::dokku {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kStopTimeoutMax = std::int64_t{7} * 24 * 3600;

std::string word_of(DetachedKind kind) {
    return kind == DetachedKind::Run ? "run" : "cron";
}

/// After its time it gets SIGTERM, and SIGKILL when it does not end. Source: coreutils timeout(1).
std::vector<std::string> with_limit(const OneOff& one_off, std::int64_t stop_seconds) {
    if (one_off.ttl_seconds == 0) return one_off.arguments;
    std::vector<std::string> arguments = {"timeout", "--kill-after=" + std::to_string(stop_seconds),
                                          std::to_string(one_off.ttl_seconds)};
    arguments.insert(arguments.end(), one_off.arguments.begin(), one_off.arguments.end());
    return arguments;
}

std::shared_ptr<const spec::App> spec_of(const OneOff& one_off, const std::string& name,
                                         const std::string& word, std::int64_t stop_seconds) {
    auto app = std::make_shared<spec::App>();
    app->name = name;
    app->source = spec::kOneOffSource;
    app->directory = one_off.directory;
    spec::Service service;
    service.name = word;
    service.command = spec::DirectCommand{with_limit(one_off, stop_seconds)};
    service.working_dir = one_off.directory;
    service.environment = one_off.environment;
    service.credentials.user = one_off.user;
    service.restart = *spec::restart_from_text("no");
    service.stop.steps = {{SIGTERM, std::chrono::seconds(stop_seconds)}};
    app->services.push_back(std::move(service));
    return app;
}

/// That the logs of what has ended do not become more and more. Nothing is lost where it fails.
void tidy_logs(const Session& session, const std::string& app, DetachedKind kind) {
    const auto running = fetch_detached(session, app, kind);
    if (!running) return;
    std::set<std::string> names;
    for (const Detached& one : *running)
        names.insert(one.name);
    remove_old_logs(session.context.paths.log_dir, app + "." + word_of(kind) + ".", names);
}

/// The names of the apps in an answer to `/v1/status`.
std::vector<std::string> app_names_in(const std::string& json) {
    std::vector<std::string> names;
    const Json answer = Json::parse(json, nullptr, false);
    if (!answer.is_object()) return names;
    for (const Json& app : answer.value("apps", Json::array())) {
        const Json name = app.is_object() ? app.value("name", Json()) : Json();
        if (name.is_string()) names.push_back(name.get<std::string>());
    }
    return names;
}

/// Nullopt: an app of that name is no such command, or has just ended.
Result<std::optional<Detached>> read_detached(const Session& session, const std::string& name) {
    const std::optional<spec::App> spec = TRY(fetch_spec(session.context, name));
    if (!spec || !spec::is_one_off(*spec) || spec->services.empty()) {
        return std::optional<Detached>();
    }
    const AppState state = TRY(fetch_app_state(session, name));
    if (state.instances.empty()) return std::optional<Detached>();
    return std::optional<Detached>(
        Detached{name, spec::to_text(spec->services.front().command), state.instances.front()});
}

}  // namespace

Result<std::string> start_detached(const Session& session, const std::string& app,
                                   DetachedKind kind, const OneOff& one_off) {
    const std::string word = word_of(kind);
    const std::string name = app + "." + word + "." + std::to_string(::getpid());
    const auto seconds =
        parse_integer(TRY(fetch_effective(session, app, kStopTimeoutKey, kDefaultStopTimeout)));
    const bool usable = seconds && *seconds >= 0 && *seconds <= kStopTimeoutMax;
    tidy_logs(session, app, kind);
    const std::int64_t stop_seconds = usable ? *seconds : *parse_integer(kDefaultStopTimeout);
    TRY(run_operation(session, api::Load{spec_of(one_off, name, word, stop_seconds), true}));
    return name;
}

Result<std::vector<Detached>> fetch_detached(const Session& session, const std::string& app,
                                             DetachedKind kind) {
    const std::string pattern = (app.empty() ? "*" : app) + "." + word_of(kind) + ".*";
    const std::string path = "/v1/status?format=json&target=" + api::escape_query(pattern);
    const api::ClientResponse answer =
        TRY(session.context.client().send({"GET", path, ""}, {}, nullptr));
    std::vector<Detached> all;
    if (answer.status == 404) return all;
    for (const std::string& name : app_names_in(answer.body)) {
        std::optional<Detached> one = TRY(read_detached(session, name));
        if (one) all.push_back(std::move(*one));
    }
    return all;
}

Result<Detached> find_detached(const Session& session, const std::string& name) {
    std::optional<Detached> found = TRY(read_detached(session, name));
    if (!found) return Error{"Container " + name + " does not exist"};
    return std::move(*found);
}

Result<void> stop_detached(const Session& session, const Detached& detached) {
    return run_operation(session, api::Unload{detached.name});
}

Result<void> stop_all_detached(const Session& session, const std::string& app) {
    for (const DetachedKind kind : {DetachedKind::Run, DetachedKind::Cron}) {
        const std::vector<Detached> all = TRY(fetch_detached(session, app, kind));
        for (const Detached& one : all)
            TRY(stop_detached(session, one));
    }
    return {};
}

}  // namespace reeve::cli::compat::dokku
