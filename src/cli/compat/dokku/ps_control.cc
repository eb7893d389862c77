#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>

#include "cli/compat/dokku/deploy.h"
#include "cli/compat/dokku/detached.h"
#include "cli/compat/dokku/flags.h"
#include "cli/compat/dokku/proxied.h"
#include "cli/compat/dokku/ps.h"
#include "cli/compat/dokku/several.h"
#include "cli/proxy_client.h"
#include "os/fd.h"

// ps:start, ps:stop, ps:restart, ps:restore and ps:retire.
namespace reeve::cli::compat::dokku {
namespace {

/// Source: dokku ps:retire, the exit code of its lock.
constexpr int kRetireLocked = 137;

/// The app's state; nullopt: it has no code yet, which was said.
Result<std::optional<AppState>> fetch_deployed(const Session& session, const std::string& app) {
    AppState state = TRY(fetch_app_state(session, app));
    if (state.deployed) return std::optional<AppState>(std::move(state));
    warn("App " + app + " has not been deployed");
    return std::optional<AppState>();
}

spec::Target all_of(const std::string& app) {
    return {app, ""};
}

/// The configuration is written again; without nginx there is nothing to write.
void follow(const Session& session, const std::string& app) {
    const Result<void> followed = change_proxy(session.context, app, api::ProxyAct::Build);
    if (!followed) warn("nginx: " + followed.error().message);
}

Result<void> start_app(Session& session, const std::string& app) {
    const std::optional<AppState> state = TRY(fetch_deployed(session, app));
    if (!state) return {};
    const std::string running = state->running();
    if (running == "true") warn("App " + app + " already running");
    if (running == "mixed") warn("App is running in mixed mode, releasing");
    if (running == "false") warn("App has been detected as not running, releasing");
    TRY(start_links(session, app));
    Result<void> started;
    if (running != "true" && !TRY(deploy_changes(session, app))) {
        started = run_operation(session, api::Start{{all_of(app)}});
    }
    TRY(store_restore(session, app, true));
    follow(session, app);
    return started;
}

Result<void> stop_app(Session& session, const std::string& app) {
    const std::optional<AppState> state = TRY(fetch_deployed(session, app));
    if (!state) return {};
    say_unless_quiet(session, "Stopping " + app);
    TRY(store_restore(session, app, false));
    TRY(stop_all_detached(session, app));
    return run_operation(session, api::Stop{{all_of(app)}});
}

/// Whether a process type, or one instance, is there to be restarted.
bool has_process(const AppState& state, const std::string& process) {
    return state.find_type(process) != nullptr ||
           std::any_of(state.instances.begin(), state.instances.end(),
                       [&](const InstanceState& one) { return one.name == process; });
}

Result<void> restart_app(const Session& session, const std::string& app,
                         const std::string& process) {
    const std::optional<AppState> state = TRY(fetch_deployed(session, app));
    if (!state) return {};
    if (!process.empty() && !has_process(*state, process)) {
        return Error{process + " is not a valid process type for " + app};
    }
    TRY(store_restore(session, app, true));
    say_unless_quiet(session, "Restarting " + app + (process.empty() ? "" : " " + process));
    if (state->running() == "false") TRY(start_links(session, app));
    if (TRY(deploy_changes(session, app))) return {};
    return run_operation(session, api::Restart{{spec::Target{app, process}}});
}

Result<void> restore_app(Session& session, const std::string& app) {
    say("Clearing potentially invalid proxy configuration");
    const std::optional<AppState> state = TRY(fetch_deployed(session, app));
    if (!state) return {};
    const std::string restore = TRY(fetch_value(session, app, kRestoreKey));
    if (restore == "false") {
        warn("Skipping ps:restore for " + app + " as restore property is false");
        return {};
    }
    say("Starting app");
    return start_app(session, app);
}

}  // namespace

int ps_start(Session& session, const Words& words) {
    return for_each_app(session, words, "start", start_app);
}

int ps_stop(Session& session, const Words& words) {
    return for_each_app(session, words, "stop", stop_app);
}

int ps_restart(Session& session, const Words& words) {
    const auto parsed = parse_flags({{"--all"}, {"--parallel"}, true}, words);
    if (!parsed) return warn(parsed.error().message), kUsage;
    const bool all = parsed->has("--all");
    if (all && !parsed->words.empty()) {
        return fail("Unable to restart all apps when specifying a process name");
    }
    std::string process;
    Words rest = words;
    if (!all && parsed->words.size() == 2) {
        process = parsed->words[1];
        std::erase(rest, process);
        if (process == parsed->words[0]) rest.push_back(process);  // the app is named like it
    }
    return for_each_app(session, rest, "restart", [&](Session& asking, const std::string& app) {
        return restart_app(asking, app, process);
    });
}

int ps_restore(Session& session, const Words& words) {
    const auto parsed = parse_flags({{"--all"}, {"--parallel"}, true}, words);
    if (!parsed) return warn(parsed.error().message), kUsage;
    Words rest = words;
    if (!parsed->has("--all") && parsed->words.empty()) {
        warn("Restore specified without app, assuming --all");
        rest.emplace_back("--all");
    }
    return for_each_app(session, rest, "restore", restore_app);
}

/// One at a time, as a timer of Dokku's calls it. What was replaced is ended by the daemon itself,
/// when its time is over, and what has a TTL ends by itself.
int ps_retire(Session& session, const Words& words) {
    Words rest = words;
    if (!rest.empty()) {
        int code = kOk;
        if (!take_app(session, rest, code)) return code;
    }
    const Result<os::UniqueFd> directory =
        os::open_file(session.context.paths.run_dir, O_RDONLY | O_DIRECTORY);
    const bool busy = directory && ::flock(directory->get(), LOCK_EX | LOCK_NB) != 0;
    if (busy) {
        warn("Failed to acquire ps:retire lock");
        return kRetireLocked;
    }
    say("Retiring old containers and images");
    say("Retiring expired run and cron containers");
    return kOk;
}

}  // namespace reeve::cli::compat::dokku
